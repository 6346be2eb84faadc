// What every component is made of.
export {
  html, render, createContext, useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback,
  useContext, useReducer,
} from "../vendor/htm-preact.js";

/** Class names from parts; what is false is left out. */
export const classes = (...parts) => parts.filter(Boolean).join(" ");
