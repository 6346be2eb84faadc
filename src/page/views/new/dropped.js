// A file that was dropped on one view and is read by another.
let waiting;

export const leaveFile = (file) => { waiting = file; };

export function takeFile() {
  const file = waiting;
  waiting = undefined;
  return file;
}

/** Handlers that take a dropped file; nothing else that is dragged is touched. */
export function dropHandlers(onFile) {
  const hasFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  return {
    onDragOver: (event) => hasFile(event) && event.preventDefault(),
    onDrop: (event) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      if (event.dataTransfer.files[0]) onFile(event.dataTransfer.files[0]);
    },
  };
}
