// Zooming and dragging of drawings that GraphDrawing.razor makes, live or not. The drawing itself needs none of this.

const largest = 3;
const smallest = 0.2;

const svgOf = graph => graph.querySelector('svg');
const scaleOf = graph => Number(graph.dataset.scale ?? 1);

function zoom(graph, scale, x, y) {
  const view = graph.querySelector('.view');
  const svg = svgOf(graph);
  const box = svg.viewBox.baseVal;
  const bounded = Math.min(largest, Math.max(smallest, scale));
  const ratio = bounded / scaleOf(graph);
  const anchor = { x: x ?? view.clientWidth / 2, y: y ?? view.clientHeight / 2 };
  const left = (view.scrollLeft + anchor.x) * ratio - anchor.x;
  const top = (view.scrollTop + anchor.y) * ratio - anchor.y;
  graph.dataset.scale = bounded;
  svg.style.width = `${box.width * bounded}px`;
  svg.style.height = `${box.height * bounded}px`;
  view.scrollTo(left, top);
}

function fit(graph) {
  const view = graph.querySelector('.view');
  const box = svgOf(graph).viewBox.baseVal;
  const height = Math.max(view.clientHeight, 320);
  zoom(graph, Math.min(1, view.clientWidth / box.width, height / box.height));
}

document.addEventListener('click', event => {
  const button = event.target.closest?.('[data-zoom]');
  const graph = button?.closest('[data-graph]');
  if (!graph) return;
  if (button.dataset.zoom === 'fit') fit(graph);
  else zoom(graph, scaleOf(graph) * (button.dataset.zoom === 'in' ? 1.25 : 0.8));
});

// With the control key, as maps do: the page must still scroll past a drawing.
document.addEventListener('wheel', event => {
  const graph = event.ctrlKey ? event.target.closest?.('[data-graph]') : null;
  if (!graph) return;
  event.preventDefault();
  const frame = graph.querySelector('.view').getBoundingClientRect();
  zoom(graph, scaleOf(graph) * (event.deltaY < 0 ? 1.1 : 0.9), event.clientX - frame.left, event.clientY - frame.top);
}, { passive: false });

let drag;
document.addEventListener('pointerdown', event => {
  const view = event.button === 0 && event.pointerType === 'mouse' ? event.target.closest?.('[data-graph] .view') : null;
  if (!view || (view.scrollWidth <= view.clientWidth && view.scrollHeight <= view.clientHeight)) return;
  drag = { view, x: event.clientX + view.scrollLeft, y: event.clientY + view.scrollTop };
});
document.addEventListener('pointermove', event => {
  if (!drag) return;
  drag.view.scrollTo(drag.x - event.clientX, drag.y - event.clientY);
});
document.addEventListener('pointerup', () => { drag = undefined; });
document.addEventListener('pointercancel', () => { drag = undefined; });
