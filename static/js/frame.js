// What every page needs: menus that close, the theme choice, relative times, keys, deliberate destruction.

function closeMenus(except) {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
}
document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details.menu"));
  const theme = event.target.closest("[data-choose-theme]");
  if (theme) {
    window.carbonseedTheme.choose(theme.dataset.chooseTheme);
    markTheme();
    closeMenus();
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) copyText(copy);
});

function markTheme() {
  document.querySelectorAll("[data-choose-theme]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.chooseTheme === window.carbonseedTheme.chosen()));
  });
}

async function copyText(button) {
  const source = document.querySelector(button.dataset.copy);
  await navigator.clipboard.writeText(source.textContent.trim());
  const before = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = before), 1500);
}

// <form data-confirm="Revoke key cs_ab12? The furnace stops sending with it.">
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelector("details.menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
  if (event.key === "/") {
    event.preventDefault();
    const search = document.querySelector("[data-search]");
    if (search) search.focus();
    else {
      const machines = document.querySelector("[data-machines]");
      if (machines) location.href = `${machines.href}?search=`;
    }
  } else if (event.key === "?") {
    document.getElementById("keys")?.showModal();
  }
});

// <time datetime="…" data-relative>: "2 min ago" while fresh; the exact moment stays in its title.
const STEPS = [[60, 1, "s"], [3600, 60, "min"], [86400, 3600, "h"]];
export function ago(seconds) {
  const age = Math.max(0, Math.round(seconds));
  for (const [below, size, word] of STEPS) if (age < below) return `${Math.floor(age / size)} ${word} ago`;
  return null;
}
function tellTimes() {
  const now = Date.now();
  document.querySelectorAll("time[data-relative]").forEach((time) => {
    const text = ago((now - Date.parse(time.dateTime)) / 1000);
    if (text && time.textContent !== text) time.textContent = text;
  });
}

markTheme();
tellTimes();
setInterval(tellTimes, 1000);
document.body.addEventListener("htmx:afterSwap", tellTimes);
