// Runs in the head, before anything is painted: the chosen theme, or the system's.
(function () {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  function chosen() {
    try {
      return localStorage.getItem("theme") || "system";
    } catch {
      return "system"; // storage is blocked
    }
  }
  function apply() {
    const choice = chosen();
    const theme = choice === "system" ? (system.matches ? "dark" : "light") : choice;
    document.documentElement.setAttribute("data-bs-theme", theme);
    document.documentElement.setAttribute("data-theme-choice", choice);
    document.dispatchEvent(new CustomEvent("themechange"));
  }
  window.carbonseedTheme = {
    chosen,
    choose(choice) {
      try {
        localStorage.setItem("theme", choice);
      } catch {
        /* only for this page then */
      }
      apply();
    },
  };
  system.addEventListener("change", apply);
  apply();
})();
