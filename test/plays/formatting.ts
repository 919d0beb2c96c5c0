/** A formatted body on Matrix, and the text XMPP people get of it (XEP-0393, as the bridge's manifest promises). */
export const FROM_MATRIX: readonly { readonly what: string; readonly html: string; readonly body: string }[] =
  [
    { what: 'bold', html: 'a <strong>bold</strong> word', body: 'a *bold* word' },
    { what: 'italic', html: 'an <em>italic</em> word', body: 'an _italic_ word' },
    { what: 'strike', html: 'a <del>struck</del> word', body: 'a ~struck~ word' },
    { what: 'inline code', html: 'some <code>a *b* c</code> code', body: 'some `a *b* c` code' },
    { what: 'nested', html: '<em>an <strong>inner</strong> word</em>', body: '_an *inner* word_' },
    {
      what: 'a code block',
      html: '<pre><code class="language-ts">const a = 1;\n  const b = "&lt;";\n</code></pre>',
      body: '```ts\nconst a = 1;\n  const b = "<";\n```',
    },
    {
      what: 'a quote',
      html: '<blockquote><p>said before</p></blockquote><p>and answered</p>',
      body: '> said before\nand answered',
    },
    {
      what: 'a quote in a quote',
      html: '<blockquote><blockquote>inmost</blockquote>inner</blockquote>outer',
      body: '> > inmost\n> inner\nouter',
    },
    {
      what: 'a list',
      html: '<ul><li>milk</li><li>tea <strong>hot</strong></li></ul>',
      body: '- milk\n- tea *hot*',
    },
    { what: 'a numbered list', html: '<ol start="3"><li>c</li><li>d</li></ol>', body: '3. c\n4. d' },
    {
      what: 'a link',
      html: 'see <a href="https://example.org/a?b=1&amp;c=2">the page</a>',
      body: 'see the page (https://example.org/a?b=1&c=2)',
    },
    {
      what: 'a bare link',
      html: '<a href="https://example.org/x">https://example.org/x</a> <em>here</em>',
      body: 'https://example.org/x _here_',
    },
    { what: 'a heading', html: '<h2>News</h2><p>of today</p>', body: '*News*\n\nof today' },
    { what: 'a line break', html: 'one<br>two <em>three</em>', body: 'one\ntwo _three_' },
    {
      what: 'a spoiler and colours',
      html: '<span data-mx-color="#ff0000">red</span> <span data-mx-spoiler>the end</span> <em>!</em>',
      body: 'red [spoiler] the end _!_',
    },
    {
      what: 'what no client shows',
      html: '<script>alert(1)</script><style>x{}</style>all <em>there</em><!-- hidden -->',
      body: 'all _there_',
    },
  ];

/** A body on XMPP, and what Matrix people get of it: plain, and as HTML (null: the plain text says it all). */
export const FROM_XMPP: readonly {
  readonly what: string;
  readonly body: string;
  readonly plain: string;
  readonly html: string | null;
}[] = [
  {
    what: 'bold',
    body: 'say *bold* here',
    plain: 'say bold here',
    html: 'say <strong>bold</strong> here',
  },
  { what: 'italic', body: 'say _it_ so', plain: 'say it so', html: 'say <em>it</em> so' },
  { what: 'strike', body: 'say ~struck~ so', plain: 'say struck so', html: 'say <del>struck</del> so' },
  {
    what: 'inline code',
    body: 'run `a *b* <c>` now',
    plain: 'run a *b* <c> now',
    html: 'run <code>a *b* &lt;c></code> now',
  },
  {
    what: 'nested',
    body: 'so _it *is* so_ said',
    plain: 'so it is so said',
    html: 'so <em>it <strong>is</strong> so</em> said',
  },
  {
    what: 'a code block',
    body: '```\nif (a < b)\n  *go*\n```',
    plain: 'if (a < b)\n  *go*',
    html: '<pre><code>if (a &lt; b)\n  *go*\n</code></pre>',
  },
  {
    what: 'a quote',
    body: '> said earlier\nanswered so',
    plain: '> said earlier\n\nanswered so',
    html: '<blockquote><p>said earlier</p></blockquote><p>answered so</p>',
  },
  { what: 'a list, which XMPP has not', body: '- milk\n- bread', plain: '- milk\n- bread', html: null },
  {
    what: 'a link',
    body: 'look: https://example.org/a?b=1&c=2.',
    plain: 'look: https://example.org/a?b=1&c=2.',
    html: 'look: <a href="https://example.org/a?b=1&amp;c=2">https://example.org/a?b=1&amp;c=2</a>.',
  },
];
