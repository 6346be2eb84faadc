// Where a grid stands, kept outside the drawing.
import { useCallback, useLayoutEffect, useReducer, useRef } from "../../lib/html.js";
import { HEAD, HIGHEST, ROW, clamp } from "./measures.js";

/** `top` counts real pixels of all rows; `place` is where to begin, as soon as there are as many rows. */
export function useScroll(total, place) {
  const [, redraw] = useReducer((n) => n + 1, 0);
  const element = useRef();
  const at = useRef({ top: 0, left: 0, width: 0, height: 0, bar: 0, timer: 0 });
  const wanted = useRef(place);
  const whole = total * ROW;
  const drawn = Math.min(whole, HIGHEST);
  const range = () => ({ top: Math.max(0, whole - at.current.height), bar: Math.max(0, drawn - at.current.height) });

  const toBar = useCallback(() => {
    const { top, bar } = range();
    if (whole === drawn) return;
    element.current.scrollTop = top ? (at.current.top / top) * bar : 0;
    at.current.bar = element.current.scrollTop;
  }, [whole, drawn]);

  const onScroll = useCallback(() => {
    // A last scroll may be told after the grid has gone.
    if (!element.current) return;
    const { scrollTop, scrollLeft } = element.current;
    const step = scrollTop - at.current.bar;
    const { top, bar } = range();
    if (whole === drawn) at.current.top = scrollTop;
    else if (scrollTop <= 0) at.current.top = 0;
    else if (scrollTop >= bar - 1) at.current.top = top;
    // A turn of the wheel moves by as much as it says; a pull on the bar by its share of the whole.
    else if (Math.abs(step) < 3 * at.current.height) at.current.top = clamp(at.current.top + step, 0, top);
    else at.current.top = (scrollTop / bar) * top;
    Object.assign(at.current, { left: scrollLeft, bar: scrollTop });
    clearTimeout(at.current.timer);
    at.current.timer = setTimeout(() => element.current && toBar(), 250);
    redraw();
  }, [whole, drawn, toBar]);

  const moveTo = useCallback((top) => {
    at.current.top = clamp(top, 0, range().top);
    if (whole === drawn) element.current.scrollTop = at.current.top;
    else toBar();
    redraw();
  }, [whole, drawn, toBar]);

  useLayoutEffect(() => {
    const measure = () => {
      if (!element.current) return;
      at.current.width = element.current.clientWidth;
      at.current.height = element.current.clientHeight - HEAD;
      at.current.top = clamp(at.current.top, 0, range().top);
      if (wanted.current && total > wanted.current.row) {
        element.current.scrollLeft = wanted.current.left;
        at.current.left = element.current.scrollLeft;
        moveTo(wanted.current.top);
        wanted.current = undefined;
      }
      redraw();
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element.current);
    return () => {
      observer.disconnect();
      clearTimeout(at.current.timer);
    };
  }, [whole]);

  const restore = useCallback((to) => {
    wanted.current = to;
    redraw();
  }, []);
  return { element, at: at.current, onScroll, moveTo, drawn, restore };
}
