// Runs before anything is drawn, so that the chosen theme is there from the first moment.
try {
  const theme = localStorage.getItem("soda-mock.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme rules.
}
