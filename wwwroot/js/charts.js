// Draws the options that Chart.razor gives, in the colours of the page.
import * as echarts from '../lib/echarts.js';

const percent = value => (value == null ? '' : `${trimmed(100 * value, 1)} %`);
const plain = value => (value == null ? '' : trimmed(value, Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 2 : 4));

function trimmed(value, digits) {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

function short(value) {
  if (value == null) return '';
  for (const [size, unit] of [[1e9, ' G'], [1e6, ' M'], [1e3, ' k']]) {
    if (Math.abs(value) >= size) return `${Number((value / size).toPrecision(3))}${unit}`;
  }
  return plain(value);
}

function duration(value) {
  if (value == null) return '';
  const seconds = Math.round(value);
  const two = part => String(part).padStart(2, '0');
  return seconds < 3600 ? `${Math.floor(seconds / 60)}:${two(seconds % 60)}` : `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

// A band between two lines, as one item: the number of points, then x, low, high of each.
function band(params, api) {
  const at = (x, y) => api.coord([api.value(x), api.value(y)]);
  const places = Array.from({ length: api.value(0) }, (_, point) => 1 + 3 * point);
  return {
    type: 'polygon',
    shape: { points: [...places.map(place => at(place, place + 1)), ...places.reverse().map(place => at(place, place + 2))] },
    style: { fill: api.visual('color'), opacity: 0.16 },
    silent: true,
  };
}

// ECharts rounds an axis outwards, a share's beyond what a share can be. Null leaves it to ECharts; one value alone gets a twentieth on each side.
function shareFloor({ min, max }) {
  if (!(max > min)) return Math.max(0, Math.round(20 * min) - 1) / 20;
  return min < (max - min) / 4 ? 0 : null;
}

function shareCeiling({ min, max }) {
  if (!(max > min)) return Math.min(20, Math.round(20 * max) + 1) / 20;
  return 1 - max < (max - min) / 4 ? 1 : null;
}

const functions = {
  'nas:percent': percent, 'nas:short': short, 'nas:duration': duration, 'nas:plain': plain, 'nas:band': band, 'nas:share-floor': shareFloor, 'nas:share-ceiling': shareCeiling,
};

// Functions cannot be sent as data, so their names are.
function withFunctions(value) {
  if (Array.isArray(value)) {
    value.forEach((item, index) => { value[index] = withFunctions(item); });
  } else if (value && typeof value === 'object') {
    for (const key of Object.keys(value)) value[key] = withFunctions(value[key]);
  } else if (typeof value === 'string' && value in functions) {
    return functions[value];
  } else if (typeof value === 'string' && value.startsWith('nas:token-')) {
    return token(value.slice('nas:token-'.length));
  } else if (typeof value === 'string' && value.startsWith('nas:colour-')) {
    return token(`--chart-${value.slice('nas:colour-'.length)}`);
  }
  return value;
}

// The tokens hold a colour for light and one for dark; only an element that uses one knows which.
const probe = document.createElement('i');

function token(name) {
  if (!probe.isConnected) {
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

function theme() {
  const axis = {
    axisLine: { lineStyle: { color: token('--line-strong') } },
    axisTick: { show: false },
    axisLabel: { color: token('--text-2'), fontSize: 11 },
    nameTextStyle: { color: token('--text-2'), fontSize: 11 },
    splitLine: { lineStyle: { color: token('--line') } },
    axisPointer: { label: { show: false }, lineStyle: { color: token('--line-strong'), type: 'solid' } },
  };
  return {
    color: [1, 2, 3, 4, 5, 6, 7, 8].map(number => token(`--chart-${number}`)),
    backgroundColor: 'transparent',
    textStyle: { color: token('--text'), fontFamily: getComputedStyle(document.body).fontFamily },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false } },
    logAxis: axis,
    timeAxis: axis,
    legend: { textStyle: { color: token('--text-2'), fontSize: 11 }, inactiveColor: token('--line-strong'), pageIconColor: token('--text-2'), pageTextStyle: { color: token('--text-2') } },
    tooltip: {
      backgroundColor: token('--surface'),
      borderColor: token('--line-strong'),
      borderWidth: 1,
      padding: [6, 10],
      textStyle: { color: token('--text'), fontSize: 12 },
      confine: true,
    },
    markLine: { label: { color: token('--text-2'), textBorderWidth: 0 } },
    line: { symbol: 'none', lineStyle: { width: 1.75 }, emphasis: { disabled: false } },
    scatter: { symbolSize: 8, itemStyle: { opacity: 0.85 } },
    bar: { barMaxWidth: 28 },
  };
}

const still = matchMedia('(prefers-reduced-motion: reduce)');

export function open(element, json) {
  let option = json;
  let chart;

  function draw() {
    chart?.dispose();
    chart = echarts.init(element, theme(), { renderer: 'canvas' });
    chart.setOption(read(option));
    // A point that has an address is a link.
    chart.on('click', event => {
      const url = event.data?.url;
      if (typeof url === 'string' && url.startsWith('/')) Blazor.navigateTo(url);
    });
  }

  function read(text) {
    const parsed = withFunctions(JSON.parse(text));
    return { animation: !still.matches, animationDuration: 300, animationDurationUpdate: 300, ...parsed };
  }

  const resized = new ResizeObserver(() => chart?.resize());
  draw();
  resized.observe(element);
  document.addEventListener('themechange', draw);
  // The page's script comes before the font's file.
  document.fonts?.ready.then(() => chart?.resize());

  return {
    update(text) {
      option = text;
      chart.setOption(read(text), { replaceMerge: ['series', 'legend', 'xAxis', 'yAxis'] });
    },
    close() {
      resized.disconnect();
      document.removeEventListener('themechange', draw);
      chart.dispose();
      chart = undefined;
    },
  };
}
