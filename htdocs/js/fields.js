// The fields of forms: label, hint, control, error and, where it helps, a word while one types.
import { h, icon } from './dom.js';
import { t } from './i18n.js';
import { typedCode, typedText } from './typed.js';

/**
 * What every field can do. `value` reads and sets what is typed, none of it cut: what has more characters than `longest` is
 * told, for a password cut without a word fits nowhere afterwards. `check` answers a key below "fields.errors",
 * or [key, values], or null; `live` answers {state: ok | info | error, text} while one types, or null.
 */
class Field {
  constructor({ name, label, hint, optional = false, longest = Infinity, check = () => null, live = null }) {
    Object.assign(this, { name, optional, longest, check, live });
    this.id = `field-${name}`;
    this.labelText = label;
    this.error = h('p.field-error', { id: `${this.id}-error`, hidden: true });
    this.hint = hint ? h('p.field-hint', { id: `${this.id}-hint` }, hint) : null;
    this.liveNode = live ? h('p.field-live', { id: `${this.id}-live`, 'aria-live': 'polite' }) : null;
    this.required = t('fields.errors.required');
  }

  get described() {
    return [this.hint && `${this.id}-hint`, `${this.id}-error`, this.liveNode && `${this.id}-live`]
      .filter(Boolean)
      .join(' ');
  }

  /** Null when it is right, else what to say. */
  problem() {
    if (this.empty) return this.optional ? null : this.required;
    const { length } = [...String(this.value).normalize('NFC')];
    if (length > this.longest) return t('fields.too_long', { count: length, longest: this.longest });
    const [key, values] = [this.check(this.value)].flat();
    return key ? t(`fields.errors.${key}`, values) : null;
  }

  showError(text) {
    this.error.replaceChildren(...(text ? [icon('alert'), h('span', {}, text)] : []));
    this.error.hidden = !text;
    this.element.classList.toggle('field-wrong', Boolean(text));
    for (const input of this.inputs) {
      if (text) input.setAttribute('aria-invalid', 'true');
      else input.removeAttribute('aria-invalid');
    }
    if (this.liveNode && text) this.liveNode.replaceChildren();
  }

  get wrong() {
    return !this.error.hidden;
  }

  showLive() {
    if (!this.live) return;
    const said = this.live(this.value);
    this.liveNode.className = `field-live field-live-${said?.state ?? 'info'}`;
    this.liveNode.replaceChildren(
      ...(said?.text ? [...(said.state === 'ok' ? [icon('check')] : []), h('span', {}, said.text)] : []),
    );
  }

  focus() {
    this.inputs[0].focus();
  }

  /** Shows what is sent, for who leaves the field. */
  tidy() {}

  /** Called by the form with what to do after each change. */
  connect(changed) {
    for (const input of this.inputs) {
      input.addEventListener('input', () => {
        changed();
        if (this.wrong) this.showError(this.problem());
        this.showLive();
      });
      input.addEventListener('change', () => this.tidy());
    }
  }
}

function label(field, text, target = field.id) {
  return h(
    'label.field-label',
    { for: target },
    text,
    field.optional ? h('span.field-optional', {}, ` ${t('fields.optional')}`) : null,
  );
}

/** One line of text. `clean(typed)` is what is meant by it; `format(value)` rewrites it while one types at its end. */
export class TextField extends Field {
  constructor({ type = 'text', clean = typedText, format = null, after = [], className = '', ...options }) {
    const { autocomplete, inputmode, spellcheck = 'true', capitals, ...rest } = options;
    super(rest);
    this.clean = clean;
    this.format = format;
    this.input = h(`input.form-control${className}`, {
      id: this.id,
      name: this.name,
      type,
      autocomplete,
      inputmode,
      spellcheck,
      autocapitalize: capitals,
      'aria-describedby': this.described,
      'aria-required': this.optional ? null : 'true',
    });
    this.inputs = [this.input];
    this.element = h(
      'div.field',
      {},
      label(this, this.labelText),
      this.hint,
      this.error,
      this.input,
      this.liveNode,
      ...after,
    );
    if (format) this.input.addEventListener('input', () => this.reformat());
  }

  reformat() {
    const { value, selectionStart } = this.input;
    if (selectionStart === value.length) this.input.value = this.format(value);
  }

  get value() {
    return this.clean(this.input.value);
  }

  set value(text) {
    this.input.value = text ?? '';
    if (text) this.showLive();
  }

  get empty() {
    return !this.value;
  }

  tidy() {
    if (!this.format) this.input.value = this.value;
  }
}

/**
 * A password with "show", as it was typed: what has been set in another spelling must still fit.
 * `meter(value)` may answer the element's content below it.
 */
export class PasswordField extends TextField {
  constructor(options) {
    const toggle = h(
      'button.input-toggle',
      { type: 'button', 'aria-pressed': 'false' },
      icon('eye'),
      h('span', {}, t('fields.show')),
    );
    super({ ...options, type: 'password', clean: (typed) => typed, spellcheck: 'false', capitals: 'none' });
    toggle.setAttribute('aria-controls', this.id);
    toggle.addEventListener('click', () => {
      const shown = this.input.type === 'text';
      this.input.type = shown ? 'password' : 'text';
      toggle.setAttribute('aria-pressed', String(!shown));
      toggle.lastChild.textContent = t(shown ? 'fields.show' : 'fields.hide');
    });
    const row = h('div.input-row', {});
    this.input.replaceWith(row);
    row.append(this.input, toggle);
  }
}

/** Day, month and year in three boxes: no calendar to leaf through for a year long past. */
export class DateField extends Field {
  constructor({ autocomplete = {}, ...options }) {
    super(options);
    this.parts = ['day', 'month', 'year'].map((part) => {
      const id = part === 'day' ? this.id : `${this.id}-${part}`;
      const input = h('input.form-control', {
        id,
        type: 'text',
        inputmode: 'numeric',
        autocomplete: autocomplete[part],
        'aria-describedby': `${this.id}-error`,
        'aria-required': 'true',
      });
      return {
        part,
        input,
        box: h(`div.date-${part}`, {}, h('label.field-sublabel', { for: id }, t(`fields.${part}`)), input),
      };
    });
    this.inputs = this.parts.map(({ input }) => input);
    for (const input of this.inputs) input.addEventListener('paste', (event) => this.spread(event));
    this.element = h(
      'fieldset.field',
      { 'aria-describedby': this.hint ? `${this.id}-hint` : null },
      h('legend.field-label', {}, this.labelText),
      this.hint,
      this.error,
      h(
        'div.date',
        {},
        this.parts.map(({ box }) => box),
      ),
      this.liveNode,
    );
  }

  /** A whole date that is pasted into one of the boxes goes into all three. */
  spread(event) {
    const pasted = typedCode(event.clipboardData?.getData('text') ?? '');
    const [, year, month, day] = /^(\d{4})\D(\d{1,2})\D(\d{1,2})$/.exec(pasted) ?? [];
    const [, otherDay, otherMonth, otherYear] = /^(\d{1,2})\D+(\d{1,2})\D+(\d{4})$/.exec(pasted) ?? [];
    if (!year && !otherYear) return;
    event.preventDefault();
    this.value = [year ?? otherYear, month ?? otherMonth, day ?? otherDay].join('-');
    this.inputs[0].dispatchEvent(new Event('input', { bubbles: true }));
  }

  /** 1980-01-31, or what there is of it; '' when nothing is. */
  get value() {
    const [day, month, year] = this.inputs.map((input) => typedCode(input.value));
    return day || month || year ? `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}` : '';
  }

  set value(text) {
    const [year = '', month = '', day = ''] = (text ?? '').split('-');
    [day, month, year].forEach((part, index) => {
      this.inputs[index].value = Number(part) ? String(Number(part)) : '';
    });
    if (text) this.showLive();
  }

  get empty() {
    return !this.value;
  }

  tidy() {
    for (const input of this.inputs) input.value = typedCode(input.value);
  }
}

/** A box to tick, with its sentence beside it. */
export class TickField extends Field {
  constructor(options) {
    super(options);
    this.required = options.required;
    this.input = h('input.tick', {
      id: this.id,
      name: this.name,
      type: 'checkbox',
      'aria-describedby': this.described,
      'aria-required': 'true',
    });
    this.inputs = [this.input];
    this.element = h(
      'div.field',
      {},
      this.error,
      h('div.tick-row', {}, this.input, h('label', { for: this.id }, this.labelText)),
      this.hint,
    );
  }

  get value() {
    return this.input.checked;
  }

  set value(ticked) {
    this.input.checked = Boolean(ticked);
  }

  get empty() {
    return !this.input.checked;
  }
}

/** One of a few: {value, text, hint} each. */
export class ChoiceField extends Field {
  constructor({ choices, ...options }) {
    super(options);
    this.inputs = choices.map(({ value }, index) =>
      h('input.tick', {
        id: index ? `${this.id}-${value}` : this.id,
        name: this.name,
        type: 'radio',
        value,
        'aria-describedby': `${this.id}-error`,
      }),
    );
    const row = ({ text, hint }, index) =>
      h(
        'div.tick-row',
        {},
        this.inputs[index],
        h('label', { for: this.inputs[index].id }, text, hint ? h('span.field-hint', {}, hint) : null),
      );
    this.element = h(
      'fieldset.field',
      { 'aria-describedby': this.hint ? `${this.id}-hint` : null },
      h('legend.field-label', {}, this.labelText),
      this.hint,
      this.error,
      ...choices.map(row),
    );
  }

  get value() {
    return this.inputs.find((input) => input.checked)?.value ?? '';
  }

  set value(chosen) {
    for (const input of this.inputs) input.checked = input.value === chosen;
  }

  get empty() {
    return !this.value;
  }
}

/** A box that may stay empty. */
export class SwitchField extends TickField {
  constructor(options) {
    super({ ...options, optional: true });
    this.input.removeAttribute('aria-required');
  }
}

export const isDate = (text) => {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  const date = new Date(Date.UTC(year, month - 1, day));
  return (
    date.getUTCFullYear() === Number(year) && date.getUTCMonth() === month - 1 && date.getUTCDate() === Number(day)
  );
};
