/**
 * Letters of other scripts that pass for Latin ones in usual fonts, after Unicode's confusables
 * (https://www.unicode.org/reports/tr39/): in pairs, the look-alike and the Latin letter.
 */
const PAIRS = [
  // Cyrillic
  'АAВBЕEЅSІIЈJКKМMНHОOРPСCТTУYХXԚQԜWҮYӀIЗ3',
  'аaсcԁdеeһhіiјjӏlоoрpԛqѕsѵvԝwхxуyүyѡwгrпnкkмmтtвbнh',
  // Greek
  'ΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXϹC',
  'αaγyιiκkνvοoρpτtυuχxωwϲcϳjηnεe',
  // Armenian and Cherokee
  'օoսuհhոnզqցgյjՕOՍUՏSᎪAᏴBᏟCᎠDᎬEᏀGᎻHᎥiᎫJᏦKᏞLᎷMᏢPᏒRᏚSᎢTᏙVᎳWᎩYᏃZ',
].join('');

const LATIN = new Map(
  PAIRS.match(/../gu)?.map((pair): [string, string] => [pair.slice(0, 1), pair.slice(1)]),
);

const OTHERS = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;

/** Whether a text mixes Latin letters with ones of a script that has look-alikes of them. */
export const isMixed = (text: string): boolean => OTHERS.test(text) && /\p{Script=Latin}/u.test(text);

/** Look-alikes as the Latin letters they pass for, all else as it is. */
export const toLatin = (text: string): string =>
  Array.from(text, (letter) => LATIN.get(letter) ?? letter).join('');
