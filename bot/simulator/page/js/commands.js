/** The synced slash commands as the page uses them: flattened, searchable, allowed here or not. */

const SUB = 1;
const GROUP = 2;
const SLASH = 1;
const GUILD_CONTEXT = 0;
const BOT_DM_CONTEXT = 1;

/** Every command that can be run: `[{path, name, description, options, words}]`, those of one word first, then by name. */
export function flatten(commands, { dm = false } = {}) {
  const found = [];
  for (const command of commands ?? []) {
    if ((command.type ?? SLASH) !== SLASH || !allowed(command, dm)) continue;
    visit(command, [], [], found);
  }
  const isLong = (one) => Number(one.path.includes(" "));
  return found.sort((a, b) => isLong(a) - isLong(b) || a.path.localeCompare(b.path, "en"));
}

function allowed(command, dm) {
  if (command.contexts) return command.contexts.includes(dm ? BOT_DM_CONTEXT : GUILD_CONTEXT);
  return dm ? command.dm_permission !== false && !command.guild_id : true;
}

function visit(node, path, shown, found) {
  const here = [...path, node.name];
  const name = [...shown, node.name_localized || node.name];
  const nested = (node.options ?? []).filter((option) => option.type === SUB || option.type === GROUP);
  if (nested.length) {
    for (const one of nested) visit(one, here, name, found);
    return;
  }
  const description = node.description_localized || node.description || "";
  const entry = { path: node.path ?? here.join(" "), name: node.path_localized ?? name.join(" "), description, options: node.options ?? [] };
  entry.words = `${entry.path} ${entry.name} ${description}`.toLowerCase();
  found.push(entry);
}

/** The commands that fit what is typed after "/": names that begin with it first, then words of a name, then descriptions. */
export function search(list, typed) {
  const wanted = typed.trim().replace(/^\//, "").toLowerCase();
  const fits = (name) => (name.startsWith(wanted) ? 0 : ` ${name}`.includes(` ${wanted}`) ? 1 : 2);
  const rank = (one) => Math.min(fits(one.path), fits(one.name.toLowerCase()));
  return list.filter((one) => one.words.includes(wanted)).sort((a, b) => rank(a) - rank(b));
}
