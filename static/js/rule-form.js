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

// A new rule: where its alert ends is proposed a little inside its level, until somebody types it.
const level = document.getElementById("id_level");
const metric = document.getElementById("id_metric");
const clear = document.getElementById("id_clear_level");

function propose(margins) {
  if (clear.value !== (clear.dataset.proposed ?? "") || !needs[kind.value].includes("clear_level")) return;
  const at = Number.parseFloat(level.value);
  const [least, share] = margins[metric.value] ?? margins[""];
  const distance = Math.max(least, share * Math.abs(at));
  const isKnown = Number.isFinite(at) && ["above", "below"].includes(kind.value);
  const end = kind.value === "above" ? at - distance : at + distance;
  clear.value = clear.dataset.proposed = isKnown ? String(Math.round(end * 1000) / 1000) : "";
}
if (clear?.dataset.margins) {
  const margins = JSON.parse(clear.dataset.margins);
  for (const field of [level, metric, kind]) field.addEventListener("input", () => propose(margins));
}
