/** A task that does nothing: what the benchmarks bring to a node besides the product's own kinds. */
export function noopKind(onStart) {
  return {
    name: 'BenchNoop',
    title: 'Does nothing',
    scope: 'space',
    runsOn: 'any node',
    whenLost: 'rerun',
    createPermission: 'TaskCreate',
    parse: (input) => ({ id: Number(input.id ?? input.Id ?? 0) }),
    describe: () => 'nothing',
    run({ arguments: { id } }) {
      onStart(id)
      return Promise.resolve({ state: 'Success' })
    },
  }
}
