/** The demo's chat page: starts it, holds what is shown, and does what the visitor asks. */
import { get, LiveView, post, Refused, viewPath } from "./js/api.js";
import { Composer } from "./js/composer.js";
import { renderControls, setTheme, startControls, syncLocale } from "./js/controls.js";
import { byId, fill, h } from "./js/dom.js";
import { language, loadCatalogs, preferredLanguage, setLanguage, t } from "./js/i18n.js";
import { icon } from "./js/icons.js";
import { followModal } from "./js/modal.js";
import { Pane } from "./js/pane.js";
import { renderChannels, renderPeople } from "./js/sidebar.js";
import { recall, remember } from "./js/storage.js";
import { toast } from "./js/toast.js";
import { Tour } from "./js/tour.js";
import { Unread } from "./js/unread.js";

const FIRST_USER = "member1";
const FIRST_CHANNEL = "dues";
const WIDE = matchMedia("(min-width: 1180px)");

/** The address may choose: `?user=reviewer&channel=review&lang=zh-TW&theme=dark&tour=0&tab=direct`. */
const asked = new URLSearchParams(location.search);

class Page {
  constructor() {
    Object.assign(this, {
      view: null, user: null, channelId: null, tab: "channel", offline: false, onView: null, received: 0, peopleKey: "",
      failures: new Map(), hidden: new Set(), allRoles: [], known: new Set(), chosenChannel: new Map(),
    });
    this.unread = new Unread(() => this.view && this.renderLists());
  }

  async start() {
    this.channelPane = new Pane(byId("channel-log"), this, "empty.channel");
    this.directPane = new Pane(byId("direct-log"), this, "empty.direct");
    this.composer = new Composer(byId("channel-composer"), this, { where: () => this.channelId });
    this.directComposer = new Composer(byId("direct-composer"), this, { dm: true, where: () => "dm" });
    this.tour = new Tour(this);
    startControls(this);
    for (const tab of ["channel", "direct", "people"]) byId(`tab-${tab}`).addEventListener("click", () => this.showTab(tab));
    WIDE.addEventListener("change", () => this.view && this.render());
    setInterval(() => this.view && renderControls(this), 20_000);
    this.showTab(["direct", "people"].includes(asked.get("tab")) ? asked.get("tab") : "channel");
    if (asked.get("tour") === "0") this.tour.open = false;
    await this.become(asked.get("user") ?? recall("user", FIRST_USER));
  }

  /** Looks through another person's eyes. Resolves when their view is there. */
  async become(key) {
    const view = await this.firstView(key);
    if (!view) return;
    this.live?.close();
    this.user = view.user;
    remember("user", view.user);
    this.channelId = null;
    this.failures.clear();
    this.composer.reset();
    this.directComposer.reset();
    this.take(view);
    if (this.tab === "people" && this.live) this.showTab("channel");
    this.live = new LiveView(this.user, { onView: (pushed) => pushed.user === this.user && this.take(pushed), onState: (open) => this.connection(open) });
    this.unread.follow(view.users.filter((user) => !user.bot).map((user) => user.key), this.user);
    if (await syncLocale(this)) await this.refresh();
  }

  /** The view of this user, or of the first one there is when the name is unknown. */
  async firstView(key) {
    try {
      return await get(viewPath(key));
    } catch (problem) {
      if (problem instanceof Refused && problem.code === "unknown_user" && key !== FIRST_USER) return this.firstView(FIRST_USER);
      toast(problem instanceof Refused ? problem.message : t("bot.noServer"), "bad");
      return null;
    }
  }

  connection(open) {
    this.offline = !open;
    if (this.view) renderControls(this);
  }

  /** A new view: what is shown becomes exactly that. */
  take(view) {
    this.view = view;
    this.received = performance.now();
    this.peopleKey = view.users.map((user) => `${user.key}:${user.name}:${user.color}`).join();
    this.pickChannel();
    this.unread.take(view);
    this.announce(view);
    this.onView?.(view);
    this.composer.refresh();
    this.directComposer.refresh();
    this.render();
  }

  /** Keeps the channel if the person sees it, else their last one, else #dues, else the first. */
  pickChannel() {
    const channels = this.view.channels.filter((one) => one.kind !== "dm");
    const has = (id) => channels.some((one) => one.id === id);
    if (has(this.channelId)) return;
    const wanted = asked.get("channel");
    const first = channels.find((one) => one.name === wanted) ?? channels.find((one) => one.name === FIRST_CHANNEL) ?? channels[0];
    const last = this.chosenChannel.get(this.user);
    this.channelId = has(last) ? last : first?.id ?? null;
  }

  /** Tells the tour about messages that were not there before. */
  announce(view) {
    for (const channel of view.channels) {
      for (const message of channel.messages) {
        if (this.known.has(message.id)) continue;
        this.known.add(message.id);
        this.tell("message", { text: JSON.stringify([message.content, message.embeds, message.components]) });
      }
    }
  }

  tell(kind, details = {}) {
    this.tour.notice({ kind, user: this.user, ...details });
  }

  async refresh() {
    this.take(await get(viewPath(this.user)));
  }

  forget() {
    this.unread.forget();
    this.known.clear();
    this.hidden.clear();
    this.failures.clear();
    this.tour.restart();
  }

  /** The simulated time now. */
  now() {
    return new Date(new Date(this.view.clock.now).getTime() + performance.now() - this.received);
  }

  dm = () => this.view.channels.find((one) => one.kind === "dm") ?? null;
  channel = () => this.view.channels.find((one) => one.id === this.channelId) ?? null;
  nameOf = (key) => this.view?.users.find((user) => user.key === key)?.name ?? key;
  messageCount = () => this.view.channels.reduce((sum, one) => sum + one.messages.length, 0);

  roles() {
    const seen = new Map(this.allRoles.map((role) => [role.id, role]));
    for (const user of this.view.users) for (const role of user.roles ?? []) seen.set(role.id, role);
    return [...seen.values()].filter((role) => role.name !== "@everyone");
  }

  shows(pane) {
    if (pane === "direct") return WIDE.matches || this.tab === "direct";
    return WIDE.matches || this.tab === "channel";
  }

  showTab(tab) {
    this.tab = tab;
    document.body.dataset.tab = tab;
    for (const one of ["channel", "direct", "people"]) byId(`tab-${one}`).setAttribute("aria-current", one === tab ? "page" : "false");
    if (this.view) this.render();
  }

  openChannel = (id) => {
    const channel = this.view.channels.find((one) => one.id === id);
    if (!channel) return;
    if (channel.kind === "dm") {
      this.showTab("direct");
      return;
    }
    if (this.channelId !== id) this.composer.reset();
    this.channelId = id;
    this.chosenChannel.set(this.user, id);
    this.showTab("channel");
  };

  hide(id) {
    this.hidden.add(id);
    this.render();
  }

  /** Language of the page, and of this person's Discord. */
  async speak(code) {
    setLanguage(code);
    remember("language", code);
    writeStaticWords();
    setTheme(document.documentElement.dataset.theme);
    this.composer.relabel();
    this.directComposer.relabel();
    this.render();
    await syncLocale(this);
  }

  act(body) {
    return post("/control/act", { user: this.user, ...body });
  }

  async click(message, data, node) {
    const answer = await this.interact(message, node, { do: "click", message: message.id, custom_id: data.custom_id });
    if (answer?.acknowledged) this.tell("click", { customId: data.custom_id, style: data.style });
  }

  async select(message, data, values, node) {
    await this.interact(message, node, { do: "select", message: message.id, custom_id: data.custom_id, values });
  }

  /** Presses something in a message; what goes wrong is written under that message, as Discord does. */
  async interact(message, node, body) {
    if (node.classList.contains("is-busy")) return null;
    node.classList.add("is-busy");
    node.setAttribute("aria-busy", "true");
    this.failures.delete(message.id);
    try {
      const answer = await this.act(body);
      if (answer.error || !answer.acknowledged) this.failures.set(message.id, t("message.failed"));
      await this.settle(answer);
      return answer;
    } catch (problem) {
      this.failures.set(message.id, problem.message);
      this.render();
      return null;
    } finally {
      node.classList.remove("is-busy");
      node.removeAttribute("aria-busy");
    }
  }

  async command(body) {
    const answer = await this.act({ do: "command", ...body });
    if (answer.error || !answer.acknowledged) toast(t("message.noAnswer", { command: body.name }), "bad");
    else this.tell("command", { name: body.name });
    await this.settle(answer);
    return answer;
  }

  async submit(form, { values, files }) {
    const answer = await this.act({ do: "submit", custom_id: form.custom_id, values, files });
    if (!answer.error && answer.acknowledged) this.tell("submit", { customId: form.custom_id });
    await this.settle(answer);
    return answer;
  }

  async dismiss() {
    await this.act({ do: "dismiss" }).catch(() => null);
  }

  /** After an action: the newest state, scrolled to where the answer appeared. */
  async settle(answer) {
    const places = new Set((answer.messages ?? []).map((message) => message.channel_id));
    if (places.has(this.channelId)) this.channelPane.stick = true;
    if (places.has(this.dm()?.id)) this.directPane.stick = true;
    await this.refresh();
  }

  render() {
    const direct = this.dm();
    if (this.shows("channel") && this.channel()) this.unread.markRead(this.user, this.channel());
    if (this.shows("direct") && direct) {
      this.unread.markRead(this.user, direct);
      if (direct.messages.length) this.tell("shown");
    }
    this.renderHeads();
    this.channelPane.render(this.channel(), t("pane.channelLog", { name: this.channel()?.name ?? "" }));
    this.directPane.render(direct, t("pane.directLog"));
    this.renderLists();
    renderControls(this);
    this.tour.render();
    followModal(this);
  }

  renderLists() {
    renderPeople(this);
    renderChannels(this);
  }

  renderHeads() {
    const channel = this.channel();
    fill(byId("channel-head"), icon(channel?.kind === "thread" ? "thread" : channel?.private ? "lock" : "hash"),
      h("h2", { text: channel?.name ?? t("pane.noChannel") }), channel?.topic ? h("p", { class: "muted topic", text: channel.topic }) : null);
    const bot = this.view.users.find((user) => user.bot);
    fill(byId("direct-head"), icon("mail"), h("h2", { text: bot?.name ?? t("pane.direct") }), h("p", { class: "muted topic", text: t("pane.directAbout", { name: this.view.me.name }) }));
    byId("guild-name").textContent = this.view.guild?.name ?? "";
    byId("direct-composer").hidden = !this.dm() || !this.directComposer.commands().length;
    byId("tab-people-name").textContent = this.view.me.name;
    document.title = t("page.title", { name: this.view.me.name });
  }
}

/** The words in index.html: elements with `data-t`, and `data-t-label` for their accessible names. */
function writeStaticWords() {
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
    if (element.matches("button, a")) element.title = t(element.dataset.tLabel);
  }
}

function drawStaticIcons() {
  for (const element of document.querySelectorAll("[data-icon]")) element.prepend(icon(element.dataset.icon));
}

/** Closing a dialog by a press on its backdrop: only for those that hold nothing typed. */
function closeOnBackdrop(dialog) {
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}

async function main() {
  document.documentElement.dataset.theme = asked.get("theme") ?? recall("theme", "auto");
  await loadCatalogs();
  setLanguage(asked.get("lang") ?? recall("language") ?? preferredLanguage());
  drawStaticIcons();
  writeStaticWords();
  closeOnBackdrop(byId("lightbox"));
  closeOnBackdrop(byId("ask"));
  const page = new Page();
  await page.start();
  get("/control/state").then((state) => {
    page.allRoles = state.roles ?? [];
  }).catch(() => null);
  document.body.classList.add("is-ready");
  document.documentElement.dataset.language = language();
}

main();
