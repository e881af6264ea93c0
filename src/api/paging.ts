/** One page of a collection as the wire has it. */
export interface Collection<Item> {
  Id: null
  ItemType: string
  TotalResults: number
  ItemsPerPage: number
  NumberOfPages: number
  LastPageNumber: number
  IsStale: false
  Items: readonly Item[]
  Links: Record<string, string>
}

export interface PageOptions<Item> {
  /** Such as `Task`. */
  itemType: string
  items: readonly Item[]
  /** How many there are on all pages. */
  total: number
  skip: number
  take: number
  /** The rooted path of the collection, such as `/api/tasks`. */
  path: string
  /** The filters as the request gave them, which every link carries on; `skip` and `take` among them are passed over. */
  query?: Readonly<Record<string, unknown>>
}

/** The envelope of a list, with links to its other pages. `Page.Next` is there only while there are more items. */
export function collection<Item>(options: PageOptions<Item>): Collection<Item> {
  const { itemType, items, total, take } = options
  const pages = take === 0 ? 0 : Math.ceil(total / take)
  return {
    Id: null,
    ItemType: itemType,
    TotalResults: total,
    ItemsPerPage: take,
    NumberOfPages: pages,
    LastPageNumber: Math.max(0, pages - 1),
    IsStale: false,
    Items: items,
    Links: pageLinks(options, pages),
  }
}

function pageLinks<Item>(
  { items, total, skip, take, path, query }: PageOptions<Item>,
  pages: number,
): Record<string, string> {
  const filters = filterText(query ?? {})
  const page = (from: number, size: number) => `${path}?${filters}skip=${from}&take=${size}`
  const last = Math.max(0, pages - 1) * take
  return {
    Self: page(skip, take),
    Template: `${path}{?skip,take${Object.keys(query ?? {})
      .filter((name) => !isPaging(name))
      .map((name) => `,${encodeURIComponent(name)}`)
      .join('')}}`,
    'Page.All': page(0, 2_147_483_647),
    'Page.Current': page(skip, take),
    'Page.Last': page(last, take),
    ...(take > 0 && items.length > 0 && skip + take < total ? { 'Page.Next': page(skip + take, take) } : {}),
    ...(take > 0 && skip > 0 ? { 'Page.Previous': page(Math.max(0, skip - take), take) } : {}),
  }
}

function isPaging(name: string): boolean {
  return /^(skip|take|apikey)$/i.test(name)
}

/** Percent-encoded throughout, since clients expand links as URI templates: no brace may be left. */
function filterText(query: Readonly<Record<string, unknown>>): string {
  return Object.entries(query)
    .filter(([name, value]) => !isPaging(name) && value !== undefined && value !== '')
    .flatMap(([name, value]) =>
      [value].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(String(one))}&`),
    )
    .join('')
}
