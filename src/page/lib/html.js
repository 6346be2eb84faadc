// What every component is made of.
import htm from "../vendor/htm.js";
import { h } from "../vendor/preact.js";

export { createContext, render } from "../vendor/preact.js";
export {
  useCallback, useContext, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState,
} from "../vendor/preact-hooks.js";

/**
 * The template tag. htm keeps the nodes of a template that has no values and hands them out again; Preact writes into
 * them which tree they stand in, so that each would keep a whole old tree of the page alive. A 3 in the first place
 * tells htm to keep none.
 */
export const html = htm.bind(function make(...parts) {
  this[0] = 3;
  return h(...parts);
});

/** A component that is drawn again only when one of its properties is another value. */
export function memo(component) {
  return function Memo(properties) {
    this.shouldComponentUpdate = (next) => differs(this.props, next);
    return component(properties);
  };
}

const differs = (a, b) => Object.keys({ ...a, ...b }).some((name) => a[name] !== b[name]);

/** Class names from parts; what is false is left out. */
export const classes = (...parts) => parts.filter(Boolean).join(" ");
