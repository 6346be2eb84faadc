// Geometry drawn from the data itself: no tiles, so nothing is fetched from anywhere. Web Mercator,
// with a net of longitudes and latitudes for scale.
import { html, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "../lib/html.js";
import { useCoast } from "./coast.js";

const LIMIT = 85.05;
/** Room at the left edge for a latitude, in pixels. */
const LABEL = 60;
const STEPS = [90, 45, 30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001];

const projectY = (latitude) => {
  const held = Math.max(-LIMIT, Math.min(LIMIT, latitude)) * (Math.PI / 180);
  return (-Math.log(Math.tan(Math.PI / 4 + held / 2)) * 180) / Math.PI;
};
const latitudeOf = (y) => (Math.atan(Math.sinh((-y * Math.PI) / 180)) * 180) / Math.PI;

/** A geometry from a value: GeoJSON as it is, a location as a point. */
export function geometryOf(value) {
  if (value?.type && value.coordinates) return value;
  const longitude = Number(value?.longitude);
  const latitude = Number(value?.latitude);
  return value?.longitude !== undefined && Number.isFinite(longitude + latitude) ? { type: "Point", coordinates: [longitude, latitude] } : undefined;
}

/** The geometry as points, lines and rings of projected positions. */
function shapesOf({ type, coordinates }) {
  const place = ([x, y]) => [x, projectY(y)];
  const line = (list) => list.map(place);
  switch (type) {
    case "Point": return coordinates.length ? { points: [place(coordinates)], lines: [], rings: [] } : undefined;
    case "MultiPoint": return { points: line(coordinates), lines: [], rings: [] };
    case "LineString": return { points: [], lines: [line(coordinates)], rings: [] };
    case "MultiLineString": return { points: [], lines: coordinates.map(line), rings: [] };
    case "Polygon": return { points: [], lines: [], rings: coordinates.map(line) };
    case "MultiPolygon": return { points: [], lines: [], rings: coordinates.flat().map(line) };
    default: return undefined;
  }
}

const positions = (shapes) => [...shapes.points, ...shapes.lines.flat(), ...shapes.rings.flat()];

function extent(items) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { shapes } of items) {
    for (const [x, y] of positions(shapes)) {
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
  }
  return box[0] <= box[2] ? box : [-180, -90, 180, 90];
}

function fit(box, width, height) {
  const margin = 28;
  const scale = Math.min((width - 2 * margin) / Math.max(box[2] - box[0], 0.002), (height - 2 * margin) / Math.max(box[3] - box[1], 0.002));
  return { scale, x: (box[0] + box[2]) / 2, y: (box[1] + box[3]) / 2 };
}

/** A map with pan and zoom by mouse, touch and keys; `features` `{ geometry, name, note }`. */
export function MapView({ features, label, onOpen }) {
  const canvas = useRef();
  const [size, setSize] = useState([0, 0]);
  const [, redraw] = useReducer((n) => n + 1, 0);
  const [near, setNear] = useState(null);
  const items = useMemo(() => features.map((feature) => ({ feature, shapes: shapesOf(feature.geometry) })).filter((item) => item.shapes), [features]);
  const view = useRef(null);
  const land = useCoast();
  const coast = useMemo(() => land.map((ring) => ring.map(([x, y]) => [x, projectY(y)])), [land]);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setSize([Math.round(entry.contentRect.width), Math.round(entry.contentRect.height)]));
    observer.observe(canvas.current.parentElement);
    return () => observer.disconnect();
  }, []);
  const home = () => {
    view.current = fit(extent(items), ...size);
    redraw();
  };
  useEffect(() => {
    if (size[0]) home();
  }, [items, size[0] > 0]);
  useEffect(() => {
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const observer = new MutationObserver(redraw);
    observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    scheme.addEventListener("change", redraw);
    return () => {
      observer.disconnect();
      scheme.removeEventListener("change", redraw);
    };
  }, []);
  useLayoutEffect(() => {
    if (view.current && size[0]) draw(canvas.current, size, view.current, items, near, coast);
  });
  const zoom = (factor, x = size[0] / 2, y = size[1] / 2) => {
    const { current } = view;
    const dx = (x - size[0] / 2) / current.scale;
    const dy = (y - size[1] / 2) / current.scale;
    const scale = Math.max(0.5, Math.min(current.scale * factor, 4e6));
    view.current = { scale, x: current.x + dx - (dx * current.scale) / scale, y: current.y + dy - (dy * current.scale) / scale };
    redraw();
  };
  const pan = (dx, dy) => {
    view.current = { ...view.current, x: view.current.x - dx / view.current.scale, y: view.current.y - dy / view.current.scale };
    redraw();
  };
  const handlers = useHandlers({ canvas, view, size, items, zoom, pan, home, setNear, onOpen });
  return html`<div class="map"><canvas ref=${canvas} tabindex="0" role="application" aria-label=${`${label}. Arrow keys move, plus and minus zoom, 0 shows all.`} ...${handlers}></canvas>
    <div class="map-buttons"><button type="button" aria-label="Zoom in" onClick=${() => zoom(1.6)}>+</button><button type="button" aria-label="Zoom out" onClick=${() => zoom(1 / 1.6)}>−</button>
      <button type="button" onClick=${home}>All</button></div>
    <p class="map-note" aria-live="polite">${near ? html`<b><bdi>${near.feature.name}</bdi></b> ${near.feature.note}` : ""}</p></div>`;
}

function useHandlers({ canvas, view, size, items, zoom, pan, home, setNear, onOpen }) {
  const drag = useRef(null);
  const at = (event) => [event.offsetX, event.offsetY];
  useEffect(() => {
    const onWheel = (event) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY * 0.0015), ...at(event));
    };
    const element = canvas.current;
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  });
  const keys = { ArrowLeft: () => pan(60, 0), ArrowRight: () => pan(-60, 0), ArrowUp: () => pan(0, 60), ArrowDown: () => pan(0, -60), "+": () => zoom(1.6), "=": () => zoom(1.6), "-": () => zoom(1 / 1.6), 0: home };
  return {
    onPointerDown: (event) => {
      drag.current = { from: at(event), moved: false };
      canvas.current.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event) => {
      const [x, y] = at(event);
      if (!drag.current) return void setNear(nearest(items, view.current, size, x, y));
      const [fromX, fromY] = drag.current.from;
      if (Math.abs(x - fromX) + Math.abs(y - fromY) > 3) drag.current.moved = true;
      pan(x - fromX, y - fromY);
      drag.current.from = [x, y];
    },
    onPointerUp: (event) => {
      const hit = !drag.current?.moved && nearest(items, view.current, size, ...at(event));
      drag.current = null;
      if (hit) onOpen?.(hit.feature);
    },
    onPointerLeave: () => setNear(null),
    onKeyDown: (event) => {
      if (keys[event.key]) {
        event.preventDefault();
        keys[event.key]();
      }
    },
  };
}

/** The feature with a position within a few pixels. */
function nearest(items, view, [width, height], x, y) {
  let best = 81;
  let found = null;
  for (const item of items) {
    for (const [px, py] of positions(item.shapes)) {
      const dx = (px - view.x) * view.scale + width / 2 - x;
      const dy = (py - view.y) * view.scale + height / 2 - y;
      const distance = dx * dx + dy * dy;
      if (distance < best) {
        best = distance;
        found = item;
      }
    }
  }
  return found;
}

function draw(canvas, [width, height], view, items, near, coast) {
  const ratio = devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  const colour = (name) => style.getPropertyValue(name).trim();
  context.scale(ratio, ratio);
  const screen = ([x, y]) => [(x - view.x) * view.scale + width / 2, (y - view.y) * view.scale + height / 2];
  drawCoast(context, coast, screen, colour);
  drawNet(context, [width, height], view, screen, colour);
  context.lineJoin = "round";
  const radius = radiusOf(items, view, [width, height]);
  for (const item of items) drawShapes(context, item.shapes, screen, item === near ? colour("--warm") : colour("--accent"), radius);
  if (near) drawShapes(context, near.shapes, screen, colour("--warm"), radius + 2);
}

function drawCoast(context, coast, screen, colour) {
  context.fillStyle = colour("--raised");
  context.strokeStyle = colour("--edge");
  context.lineWidth = 0.8;
  context.beginPath();
  for (const ring of coast) trace(context, ring, screen, true);
  context.fill("evenodd");
  context.stroke();
}

/** Few points are large, many are small; the nearer a person looks, the fewer are seen and the larger they are. */
function radiusOf(items, view, [width, height]) {
  const [x, y] = [width / 2 / view.scale, height / 2 / view.scale];
  let seen = 0;
  for (const { shapes } of items) {
    const first = shapes.points[0];
    if (first && Math.abs(first[0] - view.x) < x && Math.abs(first[1] - view.y) < y) seen += 1;
  }
  return Math.max(1.6, Math.min(5, 9 - 1.8 * Math.log10(seen + 1)));
}

function drawShapes(context, { points, lines, rings }, screen, colour, radius) {
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = 1.4;
  if (rings.length) {
    context.beginPath();
    for (const ring of rings) trace(context, ring, screen, true);
    context.globalAlpha = 0.18;
    context.fill("evenodd");
    context.globalAlpha = 1;
    context.stroke();
  }
  for (const line of lines) {
    context.beginPath();
    trace(context, line, screen, false);
    context.stroke();
  }
  context.globalAlpha = 0.75;
  for (const point of points) {
    context.beginPath();
    context.arc(...screen(point), radius, 0, 7);
    context.fill();
  }
  context.globalAlpha = 1;
}

function trace(context, line, screen, closed) {
  line.forEach((position, index) => context[index ? "lineTo" : "moveTo"](...screen(position)));
  if (closed) context.closePath();
}

/** Longitudes and latitudes about every 120 pixels, with their degrees. */
function drawNet(context, [width, height], view, screen, colour) {
  const step = STEPS.find((item) => item * view.scale < 220) ?? STEPS.at(-1);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  context.lineWidth = 1;
  context.strokeStyle = colour("--line");
  context.fillStyle = colour("--faint");
  context.font = "11px ui-sans-serif, system-ui, sans-serif";
  const west = Math.max(-180, view.x - width / 2 / view.scale);
  const east = Math.min(180, view.x + width / 2 / view.scale);
  for (let x = Math.ceil(west / step) * step; x <= east + 1e-9; x += step) {
    const at = Math.round(screen([x, 0])[0]) + 0.5;
    context.beginPath();
    context.moveTo(at, 0);
    context.lineTo(at, height);
    context.stroke();
    if (at > LABEL) context.fillText(degrees(x, digits, "E", "W"), at + 4, height - 6);
  }
  const south = Math.max(-80, latitudeOf(view.y + height / 2 / view.scale));
  const north = Math.min(85, latitudeOf(view.y - height / 2 / view.scale));
  for (let y = Math.ceil(south / step) * step; y <= north + 1e-9; y += step) {
    const at = Math.round(screen([0, projectY(y)])[1]) + 0.5;
    context.beginPath();
    context.moveTo(0, at);
    context.lineTo(width, at);
    context.stroke();
    if (at < height - 24) context.fillText(degrees(y, digits, "N", "S"), 6, at - 4);
  }
}

const degrees = (value, digits, positive, negative) => `${Math.abs(value).toFixed(digits)}°${Math.abs(value) < 1e-9 ? "" : value > 0 ? ` ${positive}` : ` ${negative}`}`;

/** One geometry, small. */
export function GeometryView({ value }) {
  const geometry = geometryOf(value);
  const features = useMemo(() => (geometry ? [{ geometry, name: "", note: "" }] : []), [JSON.stringify(value)]);
  return geometry ? html`<div class="map-small"><${MapView} features=${features} label="Map of this value" /></div>` : null;
}
