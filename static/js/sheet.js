// A register's sheet as a spreadsheet: arrows and Enter move, Escape takes back, a row is saved when it is left.
// Without this script the sheet is a form with a Save button.

const sheet = document.getElementById("sheet");
const state = document.getElementById("sheet-state");
const blank = document.getElementById("blank-row");
const CELLS = ".cell";
let blanks = 1;
let saving = 0;

const rowOf = (cell) => cell.closest("tr[data-key]");
const rows = () => [...sheet.querySelectorAll("tbody tr[data-key]")];
const cellsOf = (row) => [...row.querySelectorAll(CELLS)];
const valueAt = (cell) => (cell.type === "checkbox" ? String(cell.checked) : cell.value);
const fieldOf = (cell) => cell.name.slice(rowOf(cell).dataset.key.length + 1);

function remember(row) {
  cellsOf(row).forEach((cell) => (cell.dataset.was = valueAt(cell)));
}
const isChanged = (row) => cellsOf(row).some((cell) => valueAt(cell) !== cell.dataset.was);

// Moving

function beside(cell, rowsBy, cellsBy) {
  const row = rowOf(cell);
  const cells = cellsOf(row);
  if (cellsBy) return cells[cells.indexOf(cell) + cellsBy];
  const all = rows();
  let place = all.indexOf(row) + rowsBy;
  while (all[place]) {
    const found = cellsOf(all[place]).find((one) => fieldOf(one) === fieldOf(cell));
    if (found) return found;
    place += rowsBy;
  }
  return null;
}
function go(cell) {
  if (!cell) return;
  cell.focus();
  if (cell.select && cell.tagName === "INPUT") cell.select();
}
function atEdge(cell, side) {
  if (cell.tagName !== "INPUT") return true;
  const whole = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
  return whole || (side < 0 ? cell.selectionEnd === 0 : cell.selectionStart === cell.value.length);
}

sheet.addEventListener("keydown", (event) => {
  const cell = event.target.closest(CELLS);
  if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
  const isSelect = cell.tagName === "SELECT";
  let next;
  if (event.key === "Enter") next = beside(cell, event.shiftKey ? -1 : 1, 0);
  else if (event.key === "ArrowDown" && !isSelect) next = beside(cell, 1, 0);
  else if (event.key === "ArrowUp" && !isSelect) next = beside(cell, -1, 0);
  else if (event.key === "ArrowRight" && !event.shiftKey && atEdge(cell, 1)) next = beside(cell, 0, 1);
  else if (event.key === "ArrowLeft" && !event.shiftKey && atEdge(cell, -1)) next = beside(cell, 0, -1);
  else if (event.key === "Escape") {
    cell.value = cell.dataset.was ?? cell.value;
    go(cell);
    return;
  } else return;
  event.preventDefault();
  if (next) go(next);
  else if (event.key === "Enter") save(rowOf(cell)); // the last row: nowhere to go, but done
});
sheet.addEventListener("focusin", (event) => {
  const cell = event.target.closest(CELLS);
  if (cell?.tagName === "INPUT") cell.select();
});

// Saving

sheet.addEventListener("focusout", (event) => {
  const row = event.target.closest("tr[data-key]");
  if (!row || row.contains(event.relatedTarget)) return;
  if (event.relatedTarget?.closest("button")) return; // Save, or taking a figure over, sends the whole sheet
  save(row);
});

async function save(row) {
  if (!row.isConnected || row.dataset.saving || !isChanged(row)) return;
  const sent = new Map(cellsOf(row).map((cell) => [cell.name, valueAt(cell)]));
  const body = new FormData();
  body.set("only", row.dataset.key);
  body.set("csrfmiddlewaretoken", sheet.querySelector("[name=csrfmiddlewaretoken]").value);
  row.querySelectorAll("input[type=hidden]").forEach((kept) => body.set(kept.name, kept.value));
  sent.forEach((value, name) => body.set(name, value));
  row.dataset.saving = "1";
  saving += 1;
  tell("Saving…");
  try {
    const answer = await fetch(location.href.split("#")[0], { method: "POST", body, redirect: "manual" });
    if (answer.status !== 200) throw new Error(String(answer.status));
    tell(replace(row, await answer.text(), sent) ? "Saved." : "Not saved: see the row.");
  } catch {
    tell("Not saved: the server did not answer. Your figures are still here; leave the row again to retry.");
  } finally {
    saving -= 1;
    delete row.dataset.saving;
  }
}

// The row as the server has it; what was typed meanwhile stays, and the cursor where it is. True when it is saved.
function replace(row, html, sent) {
  const made = document.createElement("tbody");
  made.innerHTML = html;
  const fresh = made.querySelector("tr[data-key]");
  const isSaved = !fresh.classList.contains("faulty");
  const focused = row.contains(document.activeElement) ? fieldOf(document.activeElement) : null;
  const typed = cellsOf(row).filter((cell) => valueAt(cell) !== sent.get(cell.name));
  const wasBlank = row.classList.contains("blank");
  row.replaceWith(fresh);
  if (isSaved) remember(fresh);
  else cellsOf(fresh).forEach((cell) => (cell.dataset.was = "\u0000")); // still to be saved
  typed.forEach((cell) => {
    const twin = cellsOf(fresh).find((one) => fieldOf(one) === cell.name.slice(row.dataset.key.length + 1));
    if (twin) twin.value = valueAt(cell);
  });
  if (focused) go(cellsOf(fresh).find((one) => fieldOf(one) === focused));
  if (isSaved && wasBlank && !sheet.querySelector("tr.blank")) addBlank();
  return isSaved;
}

function addBlank() {
  if (!blank) return null;
  blanks += 1;
  const made = document.createElement("tbody");
  made.innerHTML = blank.innerHTML.replaceAll("b0", `b${blanks}`);
  const row = made.querySelector("tr");
  sheet.querySelector("tbody").append(row);
  remember(row);
  return row;
}

function tell(text) {
  if (state) state.textContent = text;
}
window.addEventListener("beforeunload", (event) => {
  if (saving || rows().some((row) => isChanged(row) && !leaving)) event.preventDefault();
});
let leaving = false;
sheet.addEventListener("submit", () => (leaving = true));

// Pasting cells of a spreadsheet: from the focused cell to the right and down, each row saved by itself.

sheet.addEventListener("paste", async (event) => {
  const cell = event.target.closest(CELLS);
  const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
  if (!cell || !/[\t\n]/.test(text)) return; // one figure: as usual
  event.preventDefault();
  const lines = text.split("\n").map((line) => line.split("\t"));
  const touched = [];
  let place = cell;
  for (const line of lines) {
    if (!place) break;
    const row = rowOf(place);
    const cells = cellsOf(row).slice(cellsOf(row).indexOf(place));
    line.forEach((value, index) => cells[index] && put(cells[index], value.trim()));
    touched.push(row);
    place = beside(place, 1, 0) ?? twinOf(place, addBlank());
  }
  for (const row of touched) await save(row);
  const faulty = sheet.querySelectorAll("[aria-invalid=true]").length;
  tell(faulty ? `Pasted; ${faulty} cells have faults.` : `Pasted into ${touched.length} rows.`);
});
function twinOf(cell, row) {
  return row ? cellsOf(row).find((one) => fieldOf(one) === fieldOf(cell)) : null;
}
function put(cell, value) {
  if (cell.tagName !== "SELECT") {
    cell.value = value;
    return;
  }
  const wanted = value.toLowerCase();
  const option = [...cell.options].find((one) => one.text.toLowerCase() === wanted || one.value.toLowerCase() === wanted);
  if (option) cell.value = option.value;
}

rows().forEach(remember);
// A link to a cell: once the browser has scrolled there, which takes the focus away, the cursor stands in it.
if (location.hash.startsWith("#c-")) {
  const named = document.getElementById(location.hash.slice(1))?.querySelector(CELLS);
  window.addEventListener("load", () => setTimeout(() => go(named)));
}
