// A text with Telegram's entities, as elements. Everything written becomes a text node: nothing is ever parsed as HTML.
import { chosen, word } from './words.js';

const TAGS = { bold: 'b', italic: 'i', underline: 'u', strikethrough: 's', code: 'code', pre: 'pre' };

// JavaScript counts a text in UTF-16 units, exactly as Telegram does, so offsets are used as they come.
export function written(text, entities, say) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return pieces(text, sorted, 0, text.length, say);
}

function pieces(text, entities, from, to, say) {
  const fragment = document.createDocumentFragment();
  let at = from;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    index += 1;
    if (end <= start) continue;
    fragment.append(text.slice(at, start));
    const inside = [];
    const after = [];
    for (const other of entities.slice(index)) {
      (other.offset < end ? inside : after).push(other);
    }
    const element = elementFor(entity, text.slice(start, end), say);
    element.append(pieces(text, inside, start, end, say));
    fragment.append(element);
    at = end;
    // What reaches over the end of this one goes on after it.
    entities = [...inside.filter((other) => other.offset + other.length > end), ...after];
    index = 0;
  }
  fragment.append(text.slice(at, to));
  return fragment;
}

function elementFor(entity, text, say) {
  switch (entity.type) {
    case 'text_link': return link(entity.url);
    case 'url': return link(text.includes('://') ? text : `https://${text}`);
    case 'email': return link(`mailto:${text}`);
    case 'bot_command': return command(text, say);
    case 'spoiler': return spoiler();
    case 'blockquote': return document.createElement('blockquote');
    case 'expandable_blockquote': return longQuote();
    case 'date_time': return moment(entity);
    default: return document.createElement(TAGS[entity.type] ?? 'span');
  }
}

function link(address) {
  const element = document.createElement('a');
  if (/^(https?|mailto|tg):/i.test(address)) element.href = address;
  element.target = '_blank';
  element.rel = 'noopener noreferrer';
  return element;
}

function command(text, say) {
  const element = document.createElement('button');
  element.type = 'button';
  element.className = 'command';
  element.addEventListener('click', () => say(text));
  return element;
}

function spoiler() {
  const element = document.createElement('span');
  element.className = 'spoiler';
  element.tabIndex = 0;
  element.setAttribute('role', 'button');
  element.setAttribute('aria-label', word('spoiler'));
  const reveal = () => {
    element.classList.add('read');
    element.removeAttribute('aria-label');
    element.removeAttribute('role');
  };
  element.addEventListener('click', reveal);
  element.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      reveal();
    }
  });
  return element;
}

function longQuote() {
  const element = document.createElement('blockquote');
  element.className = 'long';
  element.tabIndex = 0;
  element.title = word('expand');
  const toggle = () => element.classList.toggle('open');
  element.addEventListener('click', toggle);
  element.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') toggle();
  });
  return element;
}

function moment(entity) {
  const element = document.createElement('time');
  const date = new Date(entity.unix_time * 1000);
  element.dateTime = date.toISOString();
  element.title = date.toLocaleString(chosen());
  return element;
}
