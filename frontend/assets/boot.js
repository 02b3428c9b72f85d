// Runs before the first paint: theme, 长辈版, text size, the light of the hour, language. Small, blocking, no library.
(function () {
  var root = document.documentElement;
  var read = function (key) {
    try {
      return JSON.parse(localStorage.getItem("haian." + key));
    } catch (_) {
      return null;
    }
  };
  var prefs = read("prefs") || {};
  var path = location.pathname;
  var go = function (to) {
    location.replace(to + location.search + location.hash);
  };
  var english = /^\/en(\/|$)/.test(path);
  if (prefs.lang === "en" && path === "/") return go("/en");
  if (prefs.elder && (path === "/" || path === "/en")) return go(english ? "/en/elder" : "/elder");
  var dark = matchMedia("(prefers-color-scheme: dark)");
  var apply = function () {
    var now = read("prefs") || {};
    var theme = now.theme === "light" || now.theme === "dark" ? now.theme : dark.matches ? "dark" : "light";
    root.dataset.theme = theme;
    root.toggleAttribute("data-elder", !!now.elder);
    if (now.size === "l" || now.size === "xl") root.dataset.size = now.size;
    else delete root.dataset.size;
    var bar = document.querySelector('meta[name="theme-color"]');
    if (bar) bar.content = theme === "dark" ? "#0e131c" : now.elder ? "#c2410c" : "#1f5eff";
  };
  apply();
  if (dark.addEventListener) dark.addEventListener("change", apply);
  addEventListener("haian:prefs", apply);
  addEventListener("storage", apply);
  addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("[data-elder-on]");
    if (!link) return;
    try {
      localStorage.setItem("haian.prefs", JSON.stringify(Object.assign(read("prefs") || {}, { elder: link.dataset.elderOn === "true" })));
    } catch (_) {
      /* refused: it holds for no page */
    }
    apply();
  }, true);
  var hour = (new Date().getUTCHours() + 8) % 24;
  root.dataset.hour = hour < 5 || hour >= 20 ? "night" : hour < 8 ? "dawn" : hour < 17 ? "day" : "dusk";
  if (path === "/" || path === "/en") {
    // The largest picture of home, asked for before its style sheet is read.
    var picture = document.createElement("link");
    picture.rel = "preload";
    picture.as = "image";
    picture.fetchPriority = "high";
    picture.href = "/scenery-" + (root.dataset.theme === "dark" ? "night" : root.dataset.hour) + ".svg";
    document.head.appendChild(picture);
  }
  if (read("who")) root.dataset.who = "in";
  // The page that stands in without a network has only this script: it opens what was asked for, when told to and by itself.
  function again(event) {
    var button = event.target.closest ? event.target.closest("[data-stands-in]") : document.querySelector("[data-stands-in]");
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    if (/\/offline\/?$/.test(location.pathname)) location.assign("/");
    else location.reload();
  }
  addEventListener("click", again, true);
  addEventListener("online", again);
  // A page is drawn before it can answer. What is typed and tapped until then waits, and is told and done when it can, each tap
  // once: else it would be lost, and a form would go out by itself, with what was typed in its address.
  var typed = new Map(), taps = [], timer = 0, begun = false;
  function answers() {
    return Object.keys(root).some(function (key) { return key.indexOf("__react") === 0; }); // the last element to have it
  }
  function waits() {
    if (!timer && answers()) return listen(removeEventListener);
    timer = timer || setInterval(goOn, 50);
    return true;
  }
  function tap(event) {
    var one = event.target.closest && event.target.closest("button, label, [type=radio], [type=checkbox], form");
    if (!event.isTrusted || event.defaultPrevented || !one || one.closest("form[action]") || (one.matches("form") && event.type !== "submit")) return;
    if ((one.control && !/radio|checkbox/.test(one.control.type)) || !waits()) return;
    event.preventDefault();
    event.stopPropagation();
    if (taps.indexOf(one) < 0) taps.push(one);
    if (one.matches("button")) one.setAttribute("aria-busy", "true");
  }
  function type(event) {
    var one = event.target;
    if (event.isTrusted && "value" in one && !/radio|checkbox/.test(one.type) && waits()) typed.set(one, one.value);
  }
  function goOn() {
    if (!begun) return void (begun = answers()); // what a page does as it begins is done by the next time
    clearInterval(timer);
    listen(removeEventListener);
    typed.forEach(function (value, one) {
      one.value = value;
      if (one._valueTracker) one._valueTracker.setValue(""); // React tells a change from what it saw last
      one.dispatchEvent(new Event(one.matches("select") ? "change" : "input", { bubbles: true }));
    });
    taps.forEach(function (one) {
      one.removeAttribute("aria-busy");
      one.matches("form") ? one.requestSubmit() : one.click();
    });
  }
  function listen(how) {
    how("click", tap, true);
    how("submit", tap, true);
    how("input", type, true);
    how("change", type, true);
  }
  listen(addEventListener);
  if ("serviceWorker" in navigator)
    addEventListener("load", function () {
      navigator.serviceWorker.register("/sw.js").catch(function () {});
    });
})();
