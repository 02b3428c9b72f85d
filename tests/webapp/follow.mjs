// A page that follows the news: prints each event as a line, until its input ends. Arguments: the socket's address, the document.
import { connectTo, follow } from "../../frontend/assets/haian/live.js";

const [, , address, document] = process.argv;
Math.random = () => 0; // half of each pause
connectTo(address);
const leave = follow(document, {}, (event) => console.log(JSON.stringify(event)));
process.stdin.resume().on("end", () => {
  leave();
  setTimeout(() => process.exit(0), 50);
});
