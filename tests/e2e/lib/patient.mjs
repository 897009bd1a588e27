// The patient's journey through the pages, a screen at a time. `look` may be called on each.
import { remember } from './canaries.mjs';

const digits = (date) =>
  date
    .split('-')
    .reverse()
    .map((part) => String(Number(part)));

export class Patient {
  constructor({ screen, of, steps, outbox, look = true }) {
    Object.assign(this, { screen, of, steps, outbox });
    this.looks = look;
    remember(
      steps.portal.VAR,
      of.password,
      of.first_name,
      of.last_name,
      of.mobile.slice(3),
      of.codice_fiscale,
      of.email,
    );
  }

  get name() {
    return `${this.of.first_name} ${this.of.last_name}`;
  }

  look(name) {
    return this.looks ? this.screen.look(name) : undefined;
  }

  async begin() {
    const { screen } = this;
    await screen.goto();
    await screen.shows(screen.t('home.title'));
    await this.look('home');
  }

  async consent(key = 'registration.consent') {
    const { screen } = this;
    await screen.field(screen.t(key)).check();
    await screen.press(screen.t('fields.next'));
  }

  async toProfile() {
    const { screen } = this;
    await screen.press(screen.t('registration.title'), 'link');
    await screen.shows(screen.t('registration.title'));
    await this.look('registration-notice');
    await this.consent();
    await screen.shows(screen.t('profile.title'));
  }

  /** Fills in the profile and goes on; `overrides` by the person's members. */
  async fillProfile(overrides = {}) {
    const { screen } = this;
    const { t } = screen;
    const of = { ...this.of, ...overrides };
    const [day, month, year] = digits(of.birth_date);
    for (const [label, text] of [
      ['profile.first_name', of.first_name],
      ['profile.last_name', of.last_name],
      ['fields.day', day],
      ['fields.month', month],
      ['fields.year', year],
      ['profile.birth_place', of.birth_place],
      ['fields.codice_fiscale', of.codice_fiscale.toLowerCase()],
      ['profile.mobile', of.mobile.replace('+39', '')],
    ]) {
      await screen.field(t(label)).fill(text);
    }
    await screen.page.locator('#field-email').fill(of.email);
    await this.look('registration-profile');
    await screen.press(t('fields.next'));
  }

  async fillPassword(password = this.of.password) {
    const { screen } = this;
    await screen.shows(screen.t('password.title'));
    await screen.field(screen.t('password.label')).fill(password);
    await this.look('registration-password');
    await screen.press(screen.t('password.submit'));
  }

  async fillCode(code) {
    const { screen } = this;
    await screen.field(screen.t('code.label')).fill(code);
    await screen.press(screen.t('code.submit'));
  }

  /** From the entry page to the activation page. */
  async register() {
    const { screen } = this;
    await this.begin();
    await this.toProfile();
    await this.fillProfile();
    await this.fillPassword();
    await screen.shows(screen.t('code.title'));
    await this.look('registration-code');
    await this.fillCode(await this.outbox.code(this.of.mobile));
    await screen.shows(screen.t('activation.title'));
  }

  async toActivationForm() {
    const { screen } = this;
    await this.look('activation-notice');
    await this.consent('activation.consent');
    await screen.shows(screen.t('activation.title_code'));
  }

  async fillActivation(code = this.of.activation_code, codiceFiscale = this.of.codice_fiscale) {
    const { screen } = this;
    await screen.field(screen.t('fields.codice_fiscale')).fill(codiceFiscale);
    await screen.field(screen.t('activation.code')).fill(code);
    await this.look('activation-form');
    await screen.press(screen.t('activation.submit'));
  }

  async activate() {
    await this.toActivationForm();
    await this.fillActivation();
    await this.showsDossier();
  }

  showsDossier() {
    return this.screen.shows(this.screen.t('dossier.title', { name: this.name }));
  }

  async logIn(login = this.of.mobile, password = this.of.password) {
    const { screen } = this;
    await screen.field(screen.t('login.login')).fill(login);
    await screen.field(screen.t('fields.password')).fill(password);
    await screen.press(screen.t('login.submit'));
  }

  /** An account and an active dossier made by plain requests, and the login in the browser. */
  async enter(path = '/#/accedi') {
    await this.screen.goto(path);
    await this.screen.shows(this.screen.t('login.title'));
    await this.logIn();
  }

  async openDocument(title) {
    await this.screen.press(title, 'link');
    await this.screen.shows(title);
  }
}
