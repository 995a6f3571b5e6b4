// One phone: the lock screen on top, the chat, its buttons and the composer.
import { written } from './entities.js';
import { chosen, word } from './words.js';

const OTHER_KINDS = ['sticker', 'photo', 'voice', 'location', 'contact', 'document'];
const TOAST_MS = 4000;

function make(tag, options = {}, ...children) {
  const { className, text, testid, label, ...rest } = options;
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  if (testid) element.dataset.testid = testid;
  if (label) element.setAttribute('aria-label', label);
  Object.assign(element, rest);
  element.append(...children);
  return element;
}

// The apps show the day of a message only when it is not today's; so do we, to stay small.
function clock(seconds) {
  const date = new Date(seconds * 1000);
  return date.toLocaleTimeString(chosen(), { hour: '2-digit', minute: '2-digit', hour12: false });
}

export class Phone {
  constructor(id, act, showAlert) {
    this.id = id;
    this.act = (name, body = {}) => act(id, name, body);
    this.showAlert = showAlert;
    this.drawn = new Map();
    this.told = null;
    this.state = null;
    this.build();
  }

  build() {
    this.lock = make('ul', { testid: 'lock-screen' });
    this.lockTitle = make('h3');
    this.avatar = make('span', { className: 'avatar', ariaHidden: 'true' });
    this.botName = make('strong', { className: 'bot-name' });
    this.botNote = make('span', { className: 'bot-note' });
    this.owner = make('h2', { className: 'owner' });
    this.more = make('details', { className: 'menu more', testid: 'more' });
    this.log = make('div', { className: 'log', testid: 'messages', tabIndex: 0 });
    this.log.setAttribute('role', 'log');
    this.log.setAttribute('aria-live', 'polite');
    this.empty = make('div', { className: 'empty' });
    this.keyboard = make('div', { className: 'keyboard', testid: 'keyboard' });
    this.toast = make('p', { className: 'toast', testid: 'toast', hidden: true });
    this.toast.setAttribute('role', 'status');
    this.commands = make('details', { className: 'menu commands', testid: 'commands' });
    this.attach = make('details', { className: 'menu attach', testid: 'attach' });
    this.field = make('textarea', { rows: 1, maxLength: 4096, testid: 'composer' });
    this.sendButton = make('button', { className: 'send', type: 'submit', testid: 'send', text: '➤' });
    this.composer = make('form', { className: 'composer', testid: 'composer-form' },
      this.commands, this.attach, this.field, this.sendButton);
    this.startButton = make('button', { className: 'start', type: 'button', testid: 'start' });
    const names = make('div', { className: 'names' }, this.botName, this.botNote);
    this.element = make('section', { className: 'phone' },
      make('header', { className: 'owner-line' }, this.owner),
      make('div', { className: 'screen' },
        make('div', { className: 'lock' }, this.lockTitle, this.lock),
        make('header', { className: 'chat-top' }, this.avatar, names, this.more),
        this.log, this.empty, this.toast, this.keyboard, this.startButton, this.composer));
    this.element.dataset.person = this.id;
    this.listen();
  }

  listen() {
    this.composer.addEventListener('submit', (event) => {
      event.preventDefault();
      this.say(this.field.value);
    });
    this.field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.say(this.field.value);
      }
    });
    this.startButton.addEventListener('click', () => this.act('start'));
    for (const menu of [this.more, this.commands, this.attach]) {
      menu.addEventListener('keydown', (event) => {
        if (event.key === 'Escape' && menu.open) {
          menu.open = false;
          menu.querySelector('summary').focus();
        }
      });
      menu.addEventListener('focusout', (event) => {
        if (!menu.contains(event.relatedTarget)) menu.open = false;
      });
    }
  }

  // What did not arrive goes back into the field, before what was written since.
  async say(text) {
    if (!text.trim()) return;
    const written = this.field.value === text;
    if (written) this.field.value = '';
    this.field.focus();
    const arrived = await this.act('say', { text });
    if (written && !arrived) this.field.value = text + this.field.value;
  }

  // Draw everything again in the language of the page, also after the language changed.
  show(state, everything = false) {
    this.state = state;
    if (everything) this.drawn.clear();
    this.showHead();
    this.showLockScreen();
    this.showMessages();
    this.showMenus();
    this.showTaps();
  }

  showHead() {
    const { state } = this;
    const note = state.note[chosen()];
    const owner = note ? `${state.name}, ${note}` : state.name;
    const badge = make('span', { className: 'badge', text: state.language || word('none'), title: word('phoneLanguage') });
    this.owner.replaceChildren(owner, ' ', badge);
    this.element.setAttribute('aria-label', owner);
    this.avatar.textContent = [...state.bot][0] ?? '?';
    this.botName.textContent = state.bot;
    this.botNote.textContent = word(state.blocked ? 'blocked' : state.typing ? 'typing' : 'bot');
    this.lockTitle.textContent = word('lockScreen');
    this.log.setAttribute('aria-label', word('chat'));
    // What is said on a phone is read aloud in the phone's language, not in the page's.
    this.log.lang = this.lock.lang = this.keyboard.lang = state.language;
    this.field.placeholder = word('message');
    this.field.setAttribute('aria-label', word('message'));
    this.sendButton.setAttribute('aria-label', word('send'));
  }

  showLockScreen() {
    const lines = this.state.lockScreen;
    const drawn = lines.slice(-3).map((line) => make('li', { text: line }));
    this.lock.replaceChildren(...(drawn.length ? drawn : [make('li', { className: 'none', text: word('noNotifications'), lang: chosen() })]));
  }

  showMessages() {
    const { messages, blocked, about } = this.state;
    const near = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 120;
    const here = new Set(messages.map((message) => message.id));
    for (const [id, { element }] of this.drawn) {
      if (!here.has(id)) {
        element.remove();
        this.drawn.delete(id);
      }
    }
    if (!this.drawn.size) this.log.replaceChildren();
    let grew = false;
    for (const message of messages) {
      const looks = JSON.stringify(message);
      const before = this.drawn.get(message.id);
      if (before?.looks === looks) continue;
      const element = this.bubble(message);
      if (before) this.swap(before.element, element);
      else this.log.append(element);
      grew = grew || !before;
      this.drawn.set(message.id, { looks, element });
    }
    if (grew || near) this.scrollToNews();
    const empty = messages.length === 0;
    this.log.hidden = empty;
    this.empty.hidden = !empty;
    this.empty.lang = about ? this.state.language : chosen();
    this.empty.replaceChildren(make('p', { className: 'about', text: about || word('hint') }));
    this.startButton.hidden = !(empty || blocked);
    this.startButton.textContent = blocked ? word('restart') : word('start');
    this.composer.hidden = blocked || empty;
  }

  // To the end, unless that would hide how the newest message begins: it is read from its first line.
  scrollToNews() {
    this.log.scrollTop = this.log.scrollHeight;
    const last = this.log.lastElementChild;
    if (last?.classList.contains('bot') && last.offsetHeight > this.log.clientHeight) {
      this.log.scrollTop += last.getBoundingClientRect().top - this.log.getBoundingClientRect().top - 8;
    }
  }

  // An edit takes the buttons away under somebody's finger: the focus stays on the same message.
  swap(before, after) {
    const held = before.contains(document.activeElement);
    before.replaceWith(after);
    if (held) (after.querySelector('.buttons button') ?? this.log).focus({ preventScroll: true });
  }

  bubble(message) {
    const content = make('div', { className: 'content' });
    // Side and colour say who speaks only to those who see them.
    content.append(make('span', { className: 'who', text: `${message.mine ? this.state.name : this.state.bot}: ` }));
    if (message.kind !== 'text') content.append(make('span', { className: 'kind', text: word(message.kind), lang: chosen() }));
    content.append(written(message.text, message.entities, (text) => this.say(text)));
    const marks = ['edited', 'silent', 'protected'].filter((mark) => message[mark]).map(word);
    const foot = make('span', { className: 'foot', lang: chosen() });
    if (marks.length) foot.append(make('span', { className: 'marks', text: marks.join(' · ') }), ' ');
    foot.append(make('time', { text: clock(message.at) }));
    content.append(foot);
    const element = make('article', { className: message.mine ? 'bubble me' : 'bubble bot' }, content);
    element.dataset.message = message.id;
    if (message.buttons.length) element.append(this.buttons(message));
    return element;
  }

  buttons(message) {
    const rows = message.buttons.map((row) => make('div', { className: 'row' },
      ...row.map((button) => this.button(message, button))));
    return make('div', { className: 'buttons' }, ...rows);
  }

  button(message, button) {
    const element = make('button', { type: 'button', text: button.text, className: button.style ?? '' });
    if (button.data !== undefined) element.dataset.data = button.data;
    if (button.url) element.classList.add('opens');
    element.addEventListener('click', () => this.press(message, button, element));
    return element;
  }

  async press(message, button, element) {
    if (button.data !== undefined) {
      element.setAttribute('aria-busy', 'true');
      if (!await this.act('tap', { message: message.id, data: button.data })) element.removeAttribute('aria-busy');
    } else if (button.url) {
      window.open(button.url, '_blank', 'noopener,noreferrer');
    } else if (button.copies) {
      await navigator.clipboard.writeText(button.copies);
      this.sayAside(word('copied'));
    }
  }

  showMenus() {
    const { commands, keyboard, blocked } = this.state;
    this.fill(this.commands, '/', word('commands'), commands.length
      ? commands.map(({ command, description }) => this.item(`/${command}`, description, () => this.say(`/${command}`)))
      : [make('p', { className: 'none', text: word('noCommands') })]);
    this.fill(this.attach, '+', word('attach'), OTHER_KINDS.map((kind) => {
      const item = this.item(word(kind), '', () => this.act('send', { kind }));
      item.dataset.kind = kind;
      return item;
    }));
    const acts = [blocked ? 'unblock' : 'block', 'clear', 'remove'];
    this.fill(this.more, '⋮', word('more'), acts.map((name) => {
      const item = this.item(word(name), '', () => this.act(name));
      item.dataset.act = name;
      return item;
    }));
    this.keyboard.hidden = blocked || !keyboard.length;
    const keys = JSON.stringify(keyboard);
    if (this.keyboard.dataset.key === keys) return;
    this.keyboard.dataset.key = keys;
    this.keyboard.replaceChildren(...keyboard.map((row) => make('div', { className: 'row' },
      ...row.map((text) => make('button', { type: 'button', text, onclick: () => this.say(text) })))));
  }

  fill(menu, sign, label, items) {
    const key = JSON.stringify([label, items.map((item) => item.textContent)]);
    if (menu.dataset.key === key) return;
    menu.dataset.key = key;
    const summary = make('summary', { text: sign, label, title: label });
    menu.replaceChildren(summary, make('div', { className: 'items' }, ...items));
  }

  item(text, note, act) {
    const element = make('button', { type: 'button' }, make('span', { text }));
    if (note) element.append(' ', make('small', { text: note, lang: this.state.language }));
    element.addEventListener('click', () => {
      element.closest('details').open = false;
      act();
    });
    return element;
  }

  // A button turns until its tap is answered; an answer with words is said aside or, as an alert, in a window.
  showTaps() {
    const { taps } = this.state;
    const busy = new Set(taps.filter((tap) => !tap.answered).map((tap) => `${tap.message} ${tap.data}`));
    for (const element of this.log.querySelectorAll('.buttons button[data-data]')) {
      const message = element.closest('.bubble').dataset.message;
      if (busy.has(`${message} ${element.dataset.data}`)) element.setAttribute('aria-busy', 'true');
      else element.removeAttribute('aria-busy');
    }
    const fresh = taps.filter((tap) => tap.answered && !this.told?.has(tap.id));
    const first = this.told === null;
    this.told = new Set(taps.filter((tap) => tap.answered).map((tap) => tap.id));
    if (first) return;
    for (const tap of fresh.filter(({ text }) => text)) {
      if (tap.alert) this.showAlert(tap.text);
      else this.sayAside(tap.text);
    }
  }

  sayAside(text) {
    this.toast.textContent = text;
    this.toast.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.toast.hidden = true; }, TOAST_MS);
  }
}
