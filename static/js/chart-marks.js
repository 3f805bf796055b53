// What is drawn around the line: hatched gaps below it, dashed limits above it, alerts as links at the upper edge.

const GAP_SHORTEST_S = 1800;

// Spans without readings between the start and now, from the nulls of the mean.
function gaps(u, settings) {
  const [times, , , means] = u.data;
  const until = Math.min(u.scales.x.max, settings.now);
  const least = Math.max(3 * settings.interval, settings.step ? 0 : GAP_SHORTEST_S);
  const found = [];
  let last = u.scales.x.min;
  times.forEach((at, place) => {
    if (means[place] === null || means[place] === undefined) return;
    if (at - last > least) found.push([last, at]);
    last = at + (settings.step || 0);
  });
  if (until - last > Math.max(least, GAP_SHORTEST_S)) found.push([last, until]);
  return found;
}

export function drawGaps(u, settings, css) {
  const { ctx, bbox } = u;
  const apart = 7 * devicePixelRatio;
  for (const [start, end] of gaps(u, settings)) {
    const left = Math.max(bbox.left, u.valToPos(start, "x", true));
    const right = Math.min(bbox.left + bbox.width, u.valToPos(end, "x", true));
    if (right - left < 1) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, right - left, bbox.height);
    ctx.clip();
    ctx.strokeStyle = css("--line-strong");
    ctx.globalAlpha = 0.55;
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath();
    for (let x = left - bbox.height; x < right; x += apart) {
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x + bbox.height, bbox.top);
    }
    ctx.stroke();
    ctx.restore();
  }
}

export function drawLimits(u, chart, css, figure) {
  const { ctx, bbox } = u;
  for (const limit of chart.limits) {
    const y = u.valToPos(limit.level, "y", true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = css(limit.severity === "critical" ? "--critical" : "--warning");
    ctx.lineWidth = 1.25 * devicePixelRatio;
    ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = `${11 * devicePixelRatio}px Inter, system-ui, sans-serif`;
    ctx.textAlign = "right";
    ctx.textBaseline = "alphabetic";
    const text = `${limit.severity} ${limit.kind} ${figure(limit.level, Number.isInteger(limit.level) ? 0 : chart.decimals)}`;
    const x = bbox.left + bbox.width - 4 * devicePixelRatio;
    const below = y + (y - bbox.top < 16 * devicePixelRatio ? 14 : -5) * devicePixelRatio;
    ctx.setLineDash([]);
    ctx.lineWidth = 4 * devicePixelRatio;
    ctx.strokeStyle = css("--surface"); // a rim, so that the line behind does not cut the words
    ctx.strokeText(text, x, below);
    ctx.fillText(text, x, below);
    ctx.restore();
  }
}

const SIGN = { critical: "alert-octagon", warning: "alert-triangle", info: "info-circle" };
export function placeMarks(u, settings, chart) {
  u.over.querySelectorAll(".mark").forEach((mark) => mark.remove());
  const isMine = (alert) => alert.metric === chart.name || (chart.name === settings.charts[0].name && alert.metric === "device_offline");
  for (const alert of settings.alerts.filter(isMine)) {
    const begins = u.valToPos(alert.at, "x");
    const ends = u.valToPos(Math.min(alert.until ?? settings.now, u.scales.x.max), "x");
    const left = Math.max(0, begins);
    if (begins > u.over.clientWidth || ends < 0) continue;
    const mark = document.createElement(alert.url ? "a" : "span");
    mark.className = `mark mark-${alert.severity}`;
    if (alert.url) mark.href = alert.url;
    mark.style.left = `${left}px`;
    mark.style.width = `${Math.max(2, ends - left)}px`;
    mark.title = alert.title;
    const icon = document.querySelector(".icon use").getAttribute("href").split("#")[0];
    mark.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${icon}#${SIGN[alert.severity] || "bell"}"/></svg>`;
    mark.setAttribute("aria-label", `Alert: ${alert.title}`);
    if (!alert.url) mark.setAttribute("role", "img");
    mark.addEventListener("mousedown", (event) => event.stopPropagation());
    u.over.append(mark);
  }
}
