// What a hand or an ear notices without looking: a sound and a vibration, one pair for yes, another for no.
let audio = null;

/** Browsers let a page sound only after a tap: call this from one. */
export function wakeSound() {
  const Context = window.AudioContext ?? window.webkitAudioContext;
  if (!audio && Context) audio = new Context();
  if (audio?.state === "suspended") audio.resume().catch(() => {});
}
function tone(frequency, from, seconds, shape) {
  const source = audio.createOscillator();
  const volume = audio.createGain();
  const start = audio.currentTime + from;
  source.type = shape;
  source.frequency.value = frequency;
  volume.gain.setValueAtTime(0.0001, start);
  volume.gain.exponentialRampToValueAtTime(0.4, start + 0.015);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + seconds);
  source.connect(volume).connect(audio.destination);
  source.start(start);
  source.stop(start + seconds + 0.05);
}
/** Two rising tones and one short buzz for yes; one long low tone and three buzzes for no. */
export function signal(good) {
  if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.(good ? 80 : [120, 80, 120, 80, 120]);
  if (audio?.state !== "running") return;
  if (good) {
    tone(880, 0, 0.12, "sine");
    tone(1319, 0.12, 0.2, "sine");
  } else {
    tone(196, 0, 0.5, "square");
  }
}
