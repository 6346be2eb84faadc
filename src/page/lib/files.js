// Files that the page itself writes.

/** Hands a text to the browser as a file. */
export function save(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const quote = (value) => `"${String(value !== null && typeof value === "object" ? JSON.stringify(value) : value ?? "").replaceAll('"', '""')}"`;

/** Lines of CSV, each cell in quotes. */
export const table = (names, rows) => `${[names, ...rows].map((cells) => cells.map(quote).join(",")).join("\n")}\n`;
