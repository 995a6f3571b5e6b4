// The panel of trouble: which limits and weather there are, what came of them, and buttons to make some.
import { chosen, word } from './words.js';

const BUCKETS = {
  'bot per second': 'bucketBot',
  'bot per second, paid': 'bucketPaid',
  'private chat': 'bucketChat',
  'group per minute': 'bucketGroup',
  'flood of the bot': 'bucketFlood',
  'flood of chosen chats': 'bucketChats',
};
const FLOOD_SECONDS = 10;
const BODIES = { limits: {}, weather: { rough: true }, flood: { seconds: FLOOD_SECONDS }, calm: {} };
const LATEST_SHOWN = 8;

const find = (id) => document.getElementById(id);
const percent = (share) => new Intl.NumberFormat(chosen(), { style: 'percent', maximumFractionDigits: 1 }).format(share);
const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString(chosen());

function line(text) {
  const item = document.createElement('li');
  item.textContent = text;
  return item;
}

// "429 private chat", "weather: 502", "fault: cut after executing" in the words of the page.
function spoken(kind) {
  const bucket = BUCKETS[kind.slice(4)];
  if (kind.startsWith('429 ') && bucket) return `429: ${word(bucket)}`;
  return kind
    .replace(/^weather: /, `${word('weather')}: `)
    .replace(/^fault: /, `${word('onOrder')}: `)
    .replace(/cut after executing$/, word('replyLost'));
}

function standing({ limits, weather, floodedUntil, floodedChats, used }) {
  const lines = [];
  if (limits) lines.push(`${word('limits')}: ${word('bucketBot')}: ${limits.per_second}; ${word('bucketChat')}: ${limits.per_chat_second}`);
  if (limits && used.share > 0) lines.push(`${word('rateUsed')}: ${percent(used.share)}`);
  const chances = weather ? [
    ['429', weather.too_many], ['5xx', weather.broken], [word('replyLost'), weather.lost], ['403', weather.blocked],
  ].filter(([, chance]) => chance > 0) : [];
  if (chances.length) lines.push(`${word('weather')}: ${chances.map(([name, chance]) => `${name} ${percent(chance)}`).join(', ')}`);
  if (floodedUntil) lines.push(`${word('bucketFlood')}: ${word('until')} ${clock(floodedUntil)}`);
  if (floodedChats) lines.push(`${word('bucketChats')}: ${floodedChats}`);
  return lines.length ? lines : [word('noTrouble')];
}

let state = {};

// An empty state is a desk where nothing was disturbed yet.
export function showTrouble(fresh = state) {
  state = fresh;
  find('trouble-now').replaceChildren(...standing(state).map(line));
  const kinds = Object.entries(state.kinds ?? {});
  find('trouble-kinds').replaceChildren(...kinds.map(([kind, count]) => line(`${spoken(kind)} × ${count}`)));
  const latest = (state.latest ?? []).slice(-LATEST_SHOWN).reverse();
  find('trouble-latest').replaceChildren(...latest.map(({ at, method, kind }) => line(`${clock(at)} ${method}: ${spoken(kind)}`)));
}

export function startTrouble(post) {
  for (const button of find('trouble').querySelectorAll('[data-trouble]')) {
    const what = button.dataset.trouble;
    button.addEventListener('click', () => post(`/desk/trouble/${what}`, BODIES[what]));
  }
}
