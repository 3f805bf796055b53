// Parts of a page that fetch themselves again: not while nobody looks, without closing what is open, and honest
// about their age ("updated 4 s ago", or since when the server has not answered).
import { ago } from "./frame.js";

let answeredAt = Date.now();
let isAway = false;

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden || document.querySelector("details.menu[open], dialog[open]")) event.preventDefault();
});
let open = [];
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.responseURL && new URL(event.detail.xhr.responseURL).pathname !== event.detail.pathInfo.requestPath.split("?")[0]) {
    location.reload(); // logged out meanwhile: the login page must not land in a tile
    event.detail.shouldSwap = false;
    return;
  }
  open = [...document.querySelectorAll("[data-keep-open] details[open]")].map((details) => details.id);
});
document.body.addEventListener("htmx:afterSwap", () => {
  for (const id of open) if (id) document.getElementById(id).open = true;
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  isAway = !event.detail.successful;
  if (!isAway) answeredAt = Date.now();
  tellAge();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.querySelectorAll("[hx-get]").forEach((part) => window.htmx.trigger(part, "every"));
});

function tellAge() {
  const note = document.getElementById("updated");
  if (!note) return;
  const age = ago((Date.now() - answeredAt) / 1000) || "long ago";
  note.textContent = isAway ? `server not reached, last update ${age}` : `updated ${age}`;
  note.classList.toggle("state-warning", isAway);
}
setInterval(tellAge, 1000);
tellAge();
