// The page: several phones side by side, kept up to date by server-sent events.
import { Phone } from './phone.js';
import { showTrouble, startTrouble } from './trouble.js';
import { choose, chosen, LANGUAGES, word } from './words.js';

const phones = new Map();
const find = (id) => document.getElementById(id);
let tour = [];
let acts = [];
let events = null;

// False where the program is away or says no: what was to be done is then still to be done.
async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

const act = (person, name, body) => post(`/desk/people/${person}/${name}`, body);

function showAlert(text) {
  const dialog = find('alert');
  dialog.querySelector('p').textContent = text;
  if (!dialog.open) dialog.showModal();
}

function speak() {
  document.documentElement.lang = chosen();
  document.title = word('title');
  for (const element of document.querySelectorAll('[data-word]')) element.textContent = word(element.dataset.word);
  for (const element of document.querySelectorAll('[data-word-label]')) {
    element.setAttribute('aria-label', word(element.dataset.wordLabel));
  }
  for (const link of document.querySelectorAll('[data-evidence]')) {
    link.href = `/desk/${link.dataset.evidence}?language=${chosen()}`;
  }
  for (const button of find('languages').children) {
    button.setAttribute('aria-pressed', String(button.dataset.language === chosen()));
  }
  for (const phone of phones.values()) if (phone.state) phone.show(phone.state, true);
  showTour();
  showActs();
  showTabs();
  showTrouble();
}

function showTour() {
  const panel = find('tour');
  panel.hidden = tour.length === 0;
  find('tour-steps').replaceChildren(...tour.map((step) => {
    const item = document.createElement('li');
    item.textContent = step[chosen()] ?? step.en ?? '';
    return item;
  }));
}

// A button stays the same element, so that whoever pressed it keeps their place.
function showActs() {
  const panel = find('acts');
  panel.hidden = acts.length === 0;
  while (panel.children.length > acts.length) panel.lastChild.remove();
  for (const [number, { words, possible }] of acts.entries()) {
    const button = panel.children[number] ?? panel.appendChild(makeAct(number));
    button.textContent = words[chosen()] ?? words.en ?? '';
    button.disabled = !possible || button.ariaBusy === 'true';
  }
}

function makeAct(number) {
  const button = document.createElement('button');
  button.type = 'button';
  button.addEventListener('click', async () => {
    button.ariaBusy = 'true';
    button.disabled = true;
    await post(`/desk/acts/${number}`, {});
    button.ariaBusy = null;
    showActs();
  });
  return button;
}

// On a narrow screen one phone is seen at a time; the tabs bring another one into view.
function showTabs() {
  find('tabs').replaceChildren(...[...phones.values()].filter((phone) => phone.state).map((phone) => {
    const tab = document.createElement('button');
    tab.type = 'button';
    tab.textContent = phone.state.name;
    tab.addEventListener('click', () => phone.element.scrollIntoView({ inline: 'center', block: 'nearest' }));
    return tab;
  }));
}

function seat(people) {
  for (const [id, phone] of phones) {
    if (!people.includes(id)) {
      phone.element.remove();
      phones.delete(id);
    }
  }
  for (const id of people) {
    if (!phones.has(id)) {
      const phone = new Phone(id, act, showAlert);
      phones.set(id, phone);
      find('phones').append(phone.element);
    }
  }
  showTabs();
}

// A browser opens six connections to one address: a page that nobody sees lets go of its own, or the seventh waits.
function listen() {
  if (document.hidden || events) return;
  events = new EventSource('/desk/events');
  events.addEventListener('open', () => {
    find('lost').hidden = true;
    showTrouble({});
  });
  events.addEventListener('error', () => { find('lost').hidden = false; });
  events.addEventListener('desk', (event) => {
    const desk = JSON.parse(event.data);
    const first = !tour.length && desk.tour.length > 0;
    ({ tour, acts } = desk);
    seat(desk.people);
    showTour();
    showActs();
    if (first && window.matchMedia('(min-width: 60rem)').matches) find('tour').open = true;
  });
  events.addEventListener('trouble', (event) => showTrouble(JSON.parse(event.data)));
  events.addEventListener('phone', (event) => {
    const state = JSON.parse(event.data);
    const phone = phones.get(state.id);
    if (!phone) return;
    const isNew = phone.state === null;
    phone.show(state);
    if (isNew) showTabs();
  });
}

function listenWhenSeen() {
  if (document.hidden) {
    events?.close();
    events = null;
  }
  listen();
}

function begin() {
  const wanted = new URLSearchParams(location.search).get('language') ?? navigator.language.slice(0, 2);
  choose(wanted);
  find('languages').replaceChildren(...Object.entries(LANGUAGES).map(([code, name]) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.lang = code;
    button.textContent = name;
    button.dataset.language = code;
    button.addEventListener('click', () => {
      choose(code);
      speak();
    });
    return button;
  }));
  find('add').addEventListener('submit', async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (await post('/desk/people', Object.fromEntries(new FormData(form)))) form.reset();
  });
  startTrouble(post);
  speak();
  document.addEventListener('visibilitychange', listenWhenSeen);
  listen();
}

begin();
