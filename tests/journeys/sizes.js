// What is too small on the page as it stands, folds and dialogs opened: targets below `target` px, words below `text` px or
// set closer than `leading`, targets that lie over one another, what is wider than the screen. A line each, with its size.
({ target, text, leading }) => {
  const ROUNDING = 0.5;
  const WIDGETS = ["button", "link", "tab", "switch", "checkbox", "radio", "option", "menuitem", "slider"].map((role) => `[role=${role}]`);
  const TAPPED = ["a[href]", "button", "input:not([type=hidden])", "select", "textarea", "summary", ...WIDGETS].join();
  const TYPED = "input:not([type=radio], [type=checkbox], [type=hidden]), select, textarea";
  const BLOCK = "p, li, dd, dt, small, h1, h2, h3, figcaption, div";
  const found = new Set();

  const named = (one) => {
    const words = (one.getAttribute("aria-label") ?? one.innerText ?? "").trim().replace(/\s+/g, " ").slice(0, 24);
    return [one.tagName.toLowerCase(), one.id ? "#" + one.id : "", ...[...one.classList].map((name) => "." + name), words && ` “${words}”`].join("");
  };
  const where = (one) => {
    const frame = one.parentElement?.closest("[class], [id]");
    return (frame ? named(frame).split(" “")[0] + " > " : "") + named(one);
  };
  const seen = (one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && !one.closest(".sr, .skip, [inert]") && one.getBoundingClientRect().width > 1;
  // What a scrolling list or a rounded corner cuts off is nobody's to tap.
  const cut = (one) => {
    let { left, top, right, bottom } = one.getBoundingClientRect();
    for (let above = one.parentElement; above && above !== document.body; above = above.parentElement) {
      if (getComputedStyle(above).overflow === "visible") continue;
      const box = above.getBoundingClientRect();
      [left, top, right, bottom] = [Math.max(left, box.left), Math.max(top, box.top), Math.min(right, box.right), Math.min(bottom, box.bottom)];
    }
    return { left, top, right, bottom };
  };
  // A bar stands over what scrolls beneath it: what is fixed is compared with what is fixed.
  const floats = (one) => {
    for (let above = one; above && above !== document.body; above = above.parentElement)
      if (["fixed", "sticky"].includes(getComputedStyle(above).position)) return true;
    return false;
  };
  // A link inside a sentence is as high as its line (WCAG 2.2, 2.5.8, "Inline").
  const inSentence = (one) => {
    const length = (of) => of.innerText.replace(/\s/g, "").length;
    return getComputedStyle(one).display === "inline" && length(one.parentElement.closest(BLOCK)) > length(one);
  };

  const targets = (root) => {
    // A box that is ticked is as large as the words that tick it.
    const tapped = [...root.querySelectorAll(TAPPED)].map((one) => (one.matches("input") && one.closest("label")) || one);
    const boxes = [...new Set(tapped)].filter((one) => seen(one) && !inSentence(one)).map((one) => ({ one, floats: floats(one), ...cut(one) }));
    for (const { one } of boxes) {
      const { width, height } = one.getBoundingClientRect();
      if (Math.min(width, height) < target - ROUNDING) found.add(`target ${width.toFixed()}x${height.toFixed()}: ${where(one)}`);
    }
    boxes.forEach((a, at) => boxes.slice(at + 1).forEach((b) => {
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (a.floats === b.floats && Math.min(across, down) > 1 && !a.one.contains(b.one) && !b.one.contains(a.one))
        found.add(`overlap ${across.toFixed()}x${down.toFixed()}: ${where(a.one)} and ${where(b.one)}`);
    }));
  };
  const word = (one, words) => {
    const { fontSize, lineHeight } = getComputedStyle(one);
    const size = Number.parseFloat(fontSize) * (one.closest("svg") ? one.getScreenCTM().a : 1);
    if (size < text - 0.05) found.add(`text ${size.toFixed(1)}: ${where(one)}: ${words.slice(0, 24)}`);
    if (!one.closest("svg") && !(Number.parseFloat(lineHeight) / size > leading - 0.01))
      found.add(`leading ${lineHeight} of ${fontSize}: ${where(one)}: ${words.slice(0, 24)}`);
  };
  const texts = (root) => {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const [words, parent] = [walk.currentNode.data.trim(), walk.currentNode.parentElement];
      if (words && !parent.closest("script, style, noscript, option, title") && seen(parent)) word(parent, words);
    }
    for (const one of root.querySelectorAll(TYPED)) if (seen(one)) word(one, one.value || (one.placeholder ?? ""));
  };

  const root = [...document.querySelectorAll("dialog[open]")].at(-1);
  if (!root) for (const fold of document.querySelectorAll("main details:not([open])")) fold.open = true;
  targets(root ?? document.body);
  texts(root ?? document.body);
  for (const dialog of root ? [] : document.querySelectorAll("dialog:not([open])")) {
    dialog.showModal();
    targets(dialog);
    texts(dialog);
    dialog.close();
  }
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) found.add(`wide: ${wide} on a screen of ${innerWidth}`);
  return [...found];
}
