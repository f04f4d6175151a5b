"""What a page with a content security policy must forbid, tried from inside the page."""

# A script and data of another host, and a script in an attribute, as text that was not meant as code would bring them.
TRIES = """async () => {
  const seen = [], note = (event) => seen.push(`${event.effectiveDirective} ${event.blockedURI}`);
  document.addEventListener('securitypolicyviolation', note);
  document.head.append(Object.assign(document.createElement('script'), { src: 'https://example.org/a.js' }));
  await fetch('https://example.org/data').catch(() => {});
  document.body.insertAdjacentHTML('beforeend', '<button id="tried" onclick="window.ran = true"></button>');
  document.getElementById('tried').click();
  await new Promise((done) => setTimeout(done, 100));
  return [seen.sort(), window.ran ?? false]; }"""
FORBIDDEN = [
    [
        "connect-src https://example.org/data",
        "script-src-attr inline",
        "script-src-elem https://example.org/a.js",
    ],
    False,
]
