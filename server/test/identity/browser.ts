/** What a person with a browser does: follows redirects with cookies, and fills in forms. */
export class Browser {
  readonly #server: string;
  readonly #issuer: string;
  readonly #cookies = new Map<string, { value: string; path: string }>();
  url = '';
  status = 0;
  text = '';
  headers = new Headers();

  /** @param issuer its addresses are taken for those of the server */
  constructor(server: string, issuer: string) {
    this.#server = server;
    this.#issuer = issuer;
  }

  /** Cookies by name; with their path. */
  get cookies(): ReadonlyMap<string, { value: string; path: string }> {
    return this.#cookies;
  }

  /** Opens an address, and goes where it is sent until that is a page, or elsewhere: then `url` is that address. */
  async open(url: string, init: RequestInit = {}): Promise<this> {
    let next: string | undefined = new URL(url, this.url || this.#server).href;
    let options = init;
    while (next !== undefined) {
      this.url = next.replace(this.#issuer, this.#server);
      if (!this.url.startsWith(this.#server)) return this;
      const response: Response = await fetch(this.url, {
        ...options,
        redirect: 'manual',
        headers: { Accept: 'text/html', Cookie: this.#cookieHeader(), ...options.headers },
      });
      this.#keep(response.headers.getSetCookie());
      this.status = response.status;
      this.headers = response.headers;
      this.text = await response.text();
      const location = response.headers.get('location');
      next = location === null ? undefined : new URL(location, this.url).href;
      options = {};
    }
    return this;
  }

  /** Sends the form of the page that has these fields; hidden ones are taken from the page. */
  submit(fields: Record<string, string | string[]>): Promise<this> {
    const form = new URLSearchParams();
    for (const [, name, value] of this.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g))
      form.append(name!, value!);
    for (const [name, value] of Object.entries(fields)) {
      form.delete(name);
      for (const one of [value].flat()) form.append(name, one);
    }
    const [, action] = /<form[^>]* action="([^"]+)"/.exec(this.text) ?? [];
    return this.open(action ?? this.url, { method: 'POST', body: form });
  }

  /** Query of the address where it was sent at last. */
  get query(): URLSearchParams {
    return new URL(this.url).searchParams;
  }

  #cookieHeader(): string {
    const { pathname } = new URL(this.url);
    return [...this.#cookies]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([key, { value }]) => `${key.split(' ')[0]!}=${value}`)
      .join('; ');
  }

  #keep(cookies: string[]): void {
    for (const cookie of cookies) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      const path = /path=([^;]+)/i.exec(cookie)?.[1] ?? '/';
      const key = `${name!} ${path}`;
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(cookie)) this.#cookies.delete(key);
      else this.#cookies.set(key, { value: value!, path });
    }
  }
}
