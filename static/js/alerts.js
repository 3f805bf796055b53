// Nobody's half-written comment is swept away: while a form is open, the board does not fetch itself again.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (document.querySelector("details.act[open]")) event.preventDefault();
});

// Opening a form leads straight to its field, Escape closes it.
document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches?.("details.act[open]")) event.target.querySelector("input[name=comment]")?.focus();
  },
  true,
);
document.addEventListener("keydown", (event) => {
  const act = event.key === "Escape" && event.target.closest?.("details.act[open]");
  if (act) {
    act.open = false;
    act.querySelector("summary").focus();
  }
});
