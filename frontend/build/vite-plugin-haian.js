// Replaces what the client does not need; see webapp/slim.py. Every replacement must match, or the build fails.
import { fileURLToPath } from "url";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const shims = [
  [/^@emotion\/react$/, here("./shim-emotion.js")],
  [/\/utils\/react-theme(\.js)?$/, here("./shim-theme.js")], // Vite has made a path of $ by then
  [/^universal-cookie$/, here("./shim-cookie.js")],
  [/^mergician$/, here("./shim-merge.js")],
];

const STATE = [
  // The websocket library is fetched when a page with personal state mounts.
  ['import io from "socket.io-client";', "let io;"],
  ["      socketStarted ||\n      Object.keys(app.initialState", "      true ||\n      Object.keys(app.initialState"],
  [
    "  socketStarted = true;\n  const session_token = getToken();",
    '  socketStarted = true;\n  io ??= (await import("socket.io-client")).default;\n  if (socket.current) return;\n  const session_token = getToken();',
  ],
  ["    mounted.current = true;\n    ensureSocketConnected();", "    mounted.current = true;\n    if (app.live) ensureSocketConnected();"],
  ["    addEvents(app.onLoadInternalEvent());", "    if (app.live || socket.current) addEvents(app.onLoadInternalEvent());"],
  // Each event says for whom this tab acts.
  [
    "      ...params.current,\n    };",
    '      ...params.current,\n      ...(app.forWhom?.() ? { "haian.for": app.forWhom() } : {}),\n    };',
  ],
  // The page navigation handlers write to the console at every turn.
  ['      console.log("Disconnect websocket on page navigation");\n', ""],
  ['      console.log("Disconnect backend before bfcache on navigation");', ""],
  ['      console.log("Disconnect websocket on pagehide");', ""],
  ['        console.log("Socket is disconnected, attempting to reconnect ");\n', ""],
  ['        console.log("Socket is reconnected ");', ""],
];

export default function haian() {
  return {
    name: "haian",
    enforce: "pre",
    resolveId(source) {
      return shims.find(([name]) => name.test(source))?.[1] ?? null;
    },
    transform(code, id) {
      if (!id.split("?")[0].endsWith("/utils/state.js")) return null;
      for (const [from, to] of STATE) {
        if (!code.includes(from)) this.error(`Reflex changed state.js; not found: ${from}`);
        code = code.replace(from, () => to);
      }
      return { code, map: null };
    },
  };
}
