import { lazyRouteComponent, type RouteComponent } from '@tanstack/react-router'

declare global {
  /** Reads the page again, with these files in the cache; resolves false when that was done too often lately (public/recovery.js). */
  var takoReload: ((files: readonly string[]) => Promise<boolean>) | undefined
}

/** A part of the console did not come: the node that was asked has another version, or none answered. */
export class PartMissing extends Error {
  override name = 'PartMissing'
}

const FAILED_LOAD = /dynamically imported module|importing a module script failed|unable to preload css/i
const PAUSES_MS = [0, 150, 300, 600] as const

/** A page that is loaded when it is opened. Behind a balancer the next try may reach a node that has it. */
export function lazyPage<Module extends Record<Name, RouteComponent>, Name extends string>(
  importer: () => Promise<Module>,
  name: Name,
) {
  return lazyRouteComponent(() => loadPart(importer), name)
}

async function loadPart<Module>(importer: () => Promise<Module>): Promise<Module> {
  for (const [index, pauseMs] of PAUSES_MS.entries()) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
    try {
      return await importer()
    } catch (error) {
      if (!isPartMissing(error)) throw error
      if (index === PAUSES_MS.length - 1) throw new PartMissing(sentenceOf(error), { cause: error })
    }
  }
  throw new PartMissing('It was not tried.')
}

/** True for the error of a part of the console that could not be loaded, in the words of any browser. */
export function isPartMissing(error: unknown): boolean {
  return error instanceof PartMissing || (error instanceof Error && FAILED_LOAD.test(error.message))
}

/** Reads the page again, so that it is of the version of a node that is there. False when that was done too often lately. */
export async function reloadForPart(error: unknown): Promise<boolean> {
  const file = fileOf(error)
  return (await globalThis.takoReload?.(file === undefined ? [] : [file])) ?? false
}

/** The address of the file that is missing, which browsers put into the error. */
function fileOf(error: unknown): string | undefined {
  const { message = '' } = (error instanceof PartMissing ? error.cause : error) as { message?: string }
  return /(https?:\/\/\S+|\/app\/\S+)\s*$/.exec(message)?.[1]
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
