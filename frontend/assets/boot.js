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
  if ("serviceWorker" in navigator)
    addEventListener("load", function () {
      navigator.serviceWorker.register("/sw.js").catch(function () {});
    });
})();
