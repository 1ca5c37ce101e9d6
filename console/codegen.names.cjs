/** The Chinese names of the graph's enumerations, which the schema describes each value by. */
const { isEnumType } = require("graphql");

const ASKED = new Set([
  "BreakerState",
  "DataGroup",
  "EditionState",
  "Fit",
  "LadderRung",
  "Missing",
  "Purpose",
  "QualificationKind",
  "RegistrationStatus",
  "RiskKind",
  "Role",
  "Sharing",
  "Truth",
]);

exports.plugin = (schema) => {
  const found = {};
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isEnumType(type) || !ASKED.has(type.name)) continue;
    const described = type.getValues().filter(({ description }) => description && /[\u4e00-\u9fff]/.test(description));
    found[type.name] = Object.fromEntries(described.map(({ name, description }) => [name, description.trim()]));
  }
  return `export const zh: Record<string, Record<string, string>> = ${JSON.stringify(found, null, 2)};\n`;
};
