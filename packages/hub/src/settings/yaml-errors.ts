import type { ErrorCode } from 'yaml';

interface Explanation {
  readonly message: string;
  readonly remedy: string;
}

const brackets: Explanation = {
  message: 'a quotation mark, a bracket or a comma is missing before this place',
  remedy: 'close what was opened on this line or above: " \' [ {',
};
const tag: Explanation = {
  message: 'YAML tags (!name) are not used in settings',
  remedy: 'remove the word that begins with !, or put the text in quotation marks',
};
const colon: Explanation = {
  message: 'two names with a colon stand on one line, or the line below belongs to no name',
  remedy: 'put text that contains ": " in quotation marks, and one "name: value" on a line',
};

/**
 * Our own words for what the YAML parser finds: its messages quote the file, which may hold secrets. What is
 * not listed gets `OTHER`.
 */
const EXPLANATIONS: Partial<Readonly<Record<ErrorCode, Explanation>>> = {
  BAD_INDENT: {
    message: 'the indentation does not fit the lines above, or a bracket above was not closed',
    remedy: 'indent by two spaces per level, the same for all lines of one level',
  },
  BAD_DQ_ESCAPE: {
    message: 'a backslash in double quotation marks is followed by something it does not go with',
    remedy: 'write \\\\ for a backslash, or use single quotation marks',
  },
  BAD_SCALAR_START: {
    message: 'text cannot begin with this character',
    remedy: 'put the text in quotation marks',
  },
  BLOCK_AS_IMPLICIT_KEY: colon,
  MULTILINE_IMPLICIT_KEY: colon,
  DUPLICATE_KEY: {
    message: 'this name stands twice in the same place',
    remedy: 'keep one of the two',
  },
  MISSING_CHAR: brackets,
  BLOCK_IN_FLOW: brackets,
  MULTIPLE_DOCS: {
    message: 'a second document begins here (---)',
    remedy: 'keep one document per file: remove the line ---',
  },
  NON_STRING_KEY: {
    message: 'a name must be a single word',
    remedy: 'put text that begins with [ or { in quotation marks',
  },
  TAB_AS_INDENT: {
    message: 'a tab is used for indentation',
    remedy: 'indent with spaces',
  },
  TAG_RESOLVE_FAILED: tag,
  BAD_COLLECTION_TYPE: tag,
  BAD_DIRECTIVE: {
    message: 'this YAML directive (%) is not known',
    remedy: 'remove the line that begins with %',
  },
};

const OTHER: Explanation = {
  message: 'this is not valid YAML',
  remedy: 'see this line and the one above: indentation, colons, quotation marks, brackets',
};

const variable: Explanation = {
  message: `the { of a \${NAME} is taken for an opening bracket here`,
  remedy: `inside { } and [ ], write "\${NAME}" in quotation marks`,
};

/** The words for what the parser found. `line`: the line it found it in; not quoted. */
export const explainYaml = (code: ErrorCode, line: string): Explanation =>
  code !== 'DUPLICATE_KEY' && /[[{,].*[^"']\$\{/.test(line) ? variable : (EXPLANATIONS[code] ?? OTHER);

/** When the quotation mark or bracket that was left open is known, it is what is told. */
export const openedHere = (found: Explanation): Explanation =>
  found === variable
    ? found
    : {
        message: 'what is opened here is not closed',
        remedy: 'close it: " \' ] } — the same sign it begins with',
      };
