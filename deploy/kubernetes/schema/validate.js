// Holds objects against the Kubernetes API's schemas. Reads a list of
// {where, object} as JSON from stdin; prints a line for each fault, after
// `where`. Values are checked by the schemas of kubernetes-models; fields that no
// schema has, which those let pass, by TypeScript with the same package's types.
"use strict";

const fs = require("fs");
const path = require("path");
const ts = require("typescript");

const PACKAGES = [
  "kubernetes-models",
  "@kubernetes-models/prometheus-operator",
  "@kubernetes-models/cloudnative-pg",
];

// The module of an object's kind, or undefined.
function moduleOf(object) {
  return PACKAGES.map((name) => `${name}/${object.apiVersion}/${object.kind}`)
    .find((name) => fs.existsSync(path.join(__dirname, "node_modules",
                                            `${name}.js`)));
}

function valueFaults(module, object) {
  const Model = require(module)[object.kind];
  try {
    new Model(object).validate();
    return [];
  } catch (fault) {
    return [fault.message];
  }
}

// One TypeScript file that declares every object with its type, in memory.
function fieldFaults(entries) {
  const name = path.join(__dirname, "objects.ts");
  const lines = entries.map(({module, object}, i) =>
    `import { I${object.kind} as T${i} } from ${JSON.stringify(module)};` +
    `export const o${i}: T${i} = ${JSON.stringify(object)};`);
  const options = {
    noEmit: true, strict: true, skipLibCheck: true, types: [],
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    target: ts.ScriptTarget.ES2020,
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (file, ...rest) => path.resolve(file) === name
    ? ts.createSourceFile(name, lines.join("\n"), options.target)
    : read(file, ...rest);
  const program = ts.createProgram([name], options, host);
  const source = program.getSourceFile(name);
  return program.getSemanticDiagnostics(source).map((fault) => ({
    entry: entries[source.getLineAndCharacterOfPosition(fault.start).line],
    text: ts.flattenDiagnosticMessageText(fault.messageText, ": ")
      .replace(/\s+/g, " ").slice(0, 400),
  }));
}

const entries = JSON.parse(fs.readFileSync(0, "utf8"))
  .map((entry) => ({...entry, module: moduleOf(entry.object)}));
for (const {where, object} of entries.filter((entry) => !entry.module)) {
  console.log(`${where}: no schema of ${object.apiVersion} ${object.kind}`);
}
const known = entries.filter((entry) => entry.module);
for (const {where, module, object} of known) {
  valueFaults(module, object).forEach((text) =>
    console.log(`${where}: ${text}`));
}
for (const {entry, text} of fieldFaults(known)) {
  console.log(`${entry.where}: ${text}`);
}
