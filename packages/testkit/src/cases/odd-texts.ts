/** Text that people write, by chance or to do harm, and that must arrive as letters. */
interface OddText {
  readonly name: string;
  readonly written: (word: string) => string;
  /** What people are to read; controls are taken out on the way. */
  readonly read: (word: string) => string;
}

const same = (name: string, written: OddText['written']): OddText => ({
  name,
  written,
  read: written,
});

export const ODD_TEXTS: readonly OddText[] = [
  same('marks of every dialect', (word) => `${word} *a* _b_ ~c~ \`d\` **e** __f__ ~~g~~ \\h {i|j} ||k||`),
  same('tags and references', (word) => `${word} <b>a</b> <script>b</script> &lt;c&gt; &amp; <!-- d --> ]]>`),
  same('brackets of links', (word) => `${word} [a](b) ![c](d) <e> :f:`),
  same('calls to everybody', (word) => `${word} @room @all @here @everyone @channel`),
  same('marks at the beginning of a line', (word) => `# ${word}\n> a\n- b\n1. c\n\`\`\`d`),
  same('a command', (word) => `/topic ${word}`),
  same('letters of many scripts', (word) => `${word} åäö ÅÄÖ ß ſ שלום مرحبا 你好 Ελλ 👩‍👩‍👧 e\u0301 🇸🇪`),
  same('zero-width letters', (word) => `${word} a\u200bb\u200cc\u200dd\u2060e`),
  same('several spaces', (word) => `${word} a  b   c`),
  same('turned direction', (word) => `${word} a\u202eb\u2067c`),
  {
    name: 'controls',
    written: (word) => `${word} a\u0000b\u0008c\u001bd\ufffee`,
    read: (word) => `${word} abcde`,
  },
];
