// The charts of one machine: min–max band behind the mean, limits, gaps, alerts; cursors in step; a drag zooms by
// asking the server for that span again, and the address holds what is shown.
import uPlot from "../vendor/uplot-1.6.32.esm.js";
import { drawGaps, drawLimits, placeMarks } from "./chart-marks.js";

const settings = JSON.parse(document.getElementById("chart-settings").textContent);
const own = { start: settings.start, end: settings.end };
let shown = { ...own };
let asking = null;
const plots = new Map();
const HEIGHT = 170;

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const figure = (value, decimals) =>
  value === null || value === undefined
    ? "–"
    : new Intl.NumberFormat("en-IN", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value);
const moment = (seconds, options) => {
  const write = (at, more) =>
    new Intl.DateTimeFormat("en-IN", { timeZone: settings.zone, hourCycle: "h23", ...options, ...more }).format(at * 1000);
  const text = write(seconds);
  // An hour that a clock change repeats is told apart by the zone's name.
  const isRepeated = options.hour && [-3600, 3600].some((away) => write(seconds + away) === text);
  return isRepeated ? write(seconds, { timeZoneName: "short" }) : text;
};
const DAY_AND_TIME = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
const FULL = { ...DAY_AND_TIME, year: "numeric" };

function axisTimes(u, splits) {
  const step = splits.length > 1 ? splits[1] - splits[0] : 3600;
  let day = "";
  return splits.map((at) => {
    const date = moment(at, { day: "numeric", month: "short" });
    if (step >= 86400) return date;
    const isNew = date !== day;
    day = date;
    return moment(at, { hour: "2-digit", minute: "2-digit" }) + (isNew ? `\n${date}` : "");
  });
}

function yRange(chart) {
  return (u, low, high) => {
    if (low === null || high === null) return [0, 1];
    const reach = high - low || Math.abs(high) || 1;
    for (const { level } of chart.limits) {
      if (level > high && level < high + 1.5 * reach) high = level;
      if (level < low && level > low - 1.5 * reach) low = level;
    }
    const air = (high - low || Math.abs(high) || 1) * 0.08;
    return [low >= 0 && low - air < 0 ? 0 : low - air, high + air];
  };
}

function build(chart, place) {
  const read = document.querySelector(`[data-read="${chart.name}"]`);
  const options = {
    width: place.clientWidth,
    height: HEIGHT,
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), settings.zone),
    legend: { show: false },
    cursor: { sync: { key: "machine" }, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
    scales: { x: { range: () => [shown.start, shown.end] }, y: { range: yRange(chart) } },
    axes: [
      axis({ values: axisTimes, size: (u, values) => (values?.some((text) => text?.includes("\n")) ? 40 : 26), space: 70 }),
      axis({ size: 58, values: (u, splits) => splits.map((value) => shortest(value)) }),
    ],
    series: [
      {},
      { stroke: "transparent", points: { show: false }, width: 0 },
      { stroke: "transparent", points: { show: false }, width: 0 },
      { stroke: () => css("--chart-line"), width: 1.5, points: { size: 4 } },
      { stroke: "transparent", points: { show: false }, width: 0 },
      { stroke: "transparent", points: { show: false }, width: 0 },
    ],
    bands: [
      { series: [4, 5], fill: () => css("--chart-usual") },
      { series: [1, 2], fill: () => css("--chart-band") },
    ],
    hooks: {
      drawAxes: [(u) => drawGaps(u, settings, css)],
      draw: [(u) => drawLimits(u, chart, css, figure)],
      setCursor: [(u) => (read.textContent = spoken(u, chart))],
      setSelect: [(u) => u.select.width > 4 && zoom(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"))],
    },
  };
  const plot = new uPlot(options, [[], [], [], [], [], []], place);
  plots.set(chart.name, plot);
  new ResizeObserver(() => {
    plot.setSize({ width: place.clientWidth, height: HEIGHT });
    placeMarks(plot, settings, chart);
  }).observe(place);
}

function axis(more) {
  return {
    stroke: () => css("--quiet"),
    font: "12px Inter, system-ui, sans-serif",
    grid: { stroke: () => css("--chart-grid"), width: 1 },
    ticks: { show: false },
    ...more,
  };
}
const shortest = (value) => new Intl.NumberFormat("en-IN", { maximumFractionDigits: 3 }).format(value);

function spoken(u, chart) {
  const place = u.cursor.idx;
  const [times, highs, lows, means] = u.data;
  if (place === null || place === undefined || means[place] === undefined) return "";
  const at = moment(times[place], DAY_AND_TIME);
  if (means[place] === null) return `${at}: no readings`;
  const mean = `${figure(means[place], chart.decimals)} ${chart.unit}`;
  if (lows[place] === highs[place]) return `${at}: ${mean}`;
  return `${at}: ${mean} (${figure(lows[place], chart.decimals)} to ${figure(highs[place], chart.decimals)})`;
}

async function load() {
  asking?.abort();
  asking = new AbortController();
  const width = document.getElementById("charts").clientWidth;
  const query = new URLSearchParams({ device_id: settings.device, points: Math.max(100, Math.min(1000, Math.round(width))) });
  query.set("start_time", new Date(shown.start * 1000).toISOString());
  query.set("end_time", new Date(shown.end * 1000).toISOString());
  query.set("baseline", "true");
  settings.charts.forEach((chart) => query.append("metric", chart.name));
  try {
    const answer = await fetch(`${settings.url}?${query}`, { signal: asking.signal, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    show(await answer.json());
  } catch (error) {
    if (error.name !== "AbortError") tell(`The charts could not be loaded: ${error.message}. The figures below each chart are there.`);
  }
}

function show(answer) {
  tell("");
  settings.step = answer.step_s;
  for (const chart of settings.charts) {
    const plot = plots.get(chart.name);
    const column = answer.series[chart.name];
    plot.root.parentElement.classList.toggle("is-empty", column.mean.every((value) => value === null));
    const usual = answer.baseline?.[chart.name];
    const unknown = usual ? null : answer.t.map(() => null);
    plot.setData([answer.t, column.max, column.min, column.mean, usual?.high ?? unknown, usual?.low ?? unknown]);
    document.querySelector(`[data-usual="${chart.name}"]`).hidden = !usual;
    placeMarks(plot, settings, chart);
  }
  document.getElementById("charts").dataset.drawn = String(answer.t.length);
}

function tell(text) {
  let note = document.getElementById("chart-note");
  if (!note) {
    note = document.createElement("p");
    note.id = "chart-note";
    note.className = "note note-warning";
    note.setAttribute("role", "alert");
    document.getElementById("charts").prepend(note);
  }
  note.textContent = text;
  note.hidden = !text;
}

// ---- the span and the address ------------------------------------------------
const isZoomed = () => shown.start !== own.start || shown.end !== own.end;
function local(seconds) {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", { timeZone: settings.zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" })
      .formatToParts(seconds * 1000)
      .map(({ type, value }) => [type, value]),
  );
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}
function address() {
  const url = new URL(location.href);
  if (isZoomed()) {
    url.searchParams.delete("range");
    url.searchParams.set("start", local(shown.start));
    url.searchParams.set("end", local(shown.end));
  }
  return url;
}
function zoom(start, end) {
  if (end - start < 300) [start, end] = [(start + end) / 2 - 150, (start + end) / 2 + 150];
  shown = { start: Math.floor(start / 60) * 60, end: Math.ceil(end / 60) * 60 };
  history.pushState(shown, "", address());
  moved();
}
function moved() {
  document.getElementById("span-text").textContent = `${moment(shown.start, FULL)} – ${moment(shown.end, FULL)}`;
  document.getElementById("zoomed").hidden = !isZoomed();
  document.getElementById("zoom-figures").href = address();
  plots.forEach((plot) => plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false));
  load();
}
const firstAddress = location.href;
addEventListener("popstate", (event) => {
  shown = event.state?.start ? event.state : { ...own };
  moved();
});
function undoZoom() {
  shown = { ...own };
  history.pushState(null, "", firstAddress);
  moved();
}
document.getElementById("zoom-back").addEventListener("click", undoZoom);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
  if (event.key === "ArrowLeft") document.querySelector('[data-page="earlier"]')?.click();
  else if (event.key === "ArrowRight") document.querySelector('[data-page="later"]')?.click();
  else if (event.key === "Escape" && isZoomed()) undoZoom();
});

// ---- a new reading moves a span that ends now ----------------------------------
let readingAt = document.querySelector("[data-reading-at]")?.dataset.readingAt;
document.body.addEventListener("htmx:afterSwap", () => {
  const newest = document.querySelector("[data-reading-at]")?.dataset.readingAt;
  if (newest === readingAt || !settings.live) return;
  readingAt = newest;
  if (isZoomed()) return;
  const length = own.end - own.start;
  own.end = settings.now = Date.now() / 1000;
  own.start = own.end - length;
  shown = { ...own };
  moved();
});
document.addEventListener("themechange", () => plots.forEach((plot) => plot.redraw(false)));

for (const chart of settings.charts) build(chart, document.querySelector(`[data-plot="${chart.name}"]`));
if (settings.charts.length) document.fonts.ready.then(load);
