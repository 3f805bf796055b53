// Shows only the fields the chosen kind of rule needs; without a script all are there and the rest is ignored.
const kind = document.getElementById("id_kind");
const needs = {
  above: ["metric", "level", "clear_level", "second_level"],
  below: ["metric", "level", "clear_level", "second_level"],
  outside: ["metric", "low", "high"],
  rate: ["metric", "level", "clear_level", "second_level", "window_seconds", "direction"],
  baseline: ["metric", "z"],
  flat: ["metric"],
  budget: ["level", "second_level", "period"],
  silence: ["metric"],
  capture: ["level", "clear_level"],
  health: ["level", "clear_level"],
};
const all = new Set(Object.values(needs).flat());

function show() {
  for (const name of all) {
    const field = document.getElementById(`id_${name}`)?.closest(".field");
    if (field) field.hidden = !needs[kind.value].includes(name);
  }
}
kind.addEventListener("change", show);
show();
