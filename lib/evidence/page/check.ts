import { type Html, html } from './html.ts';
import { icon } from './words.ts';

/** Where an auditor has the files of the bundle checked. The page's script fills it; without one it says what to do. */
export function checkPanel(): Html {
  return html`<section id="check" aria-labelledby="check-title">
<h2 id="check-title">Check it</h2>
<div class="two"><div>
<p class="note"><strong>This page cannot vouch for itself.</strong> Whoever made or changed the bundle could have written this page too. What counts is the check by a program you trust, which runs offline and believes nothing written here:</p>
<pre class="command">git agent-log verify <var>bundle.zip</var></pre>
<p class="note">Without it, the bundle\u2019s README.md has the same main steps with <code>git</code>, <code>ssh-keygen</code> and <code>sha256sum</code> alone.</p>
</div><div>
<div id="drop" hidden>
<p class="drop-line">${icon('drop')}<span><strong>Drop the bundle\u2019s .zip here</strong>, or its folder, and this page works out the digest of every file. Nothing leaves this computer.</span></p>
<p class="pick"><label class="plain-button">Choose the .zip<input type="file" id="pick-zip" accept=".zip,application/zip"></label> <label class="plain-button">Choose the folder<input type="file" id="pick-folder" webkitdirectory multiple></label></p>
</div>
<noscript><p class="no-text">With scripts allowed, this page can also compare the digests of the bundle\u2019s files.</p></noscript>
</div></div>
<div id="check-result" role="status" aria-live="polite"></div>
<div id="check-files"></div>
</section>`;
}
