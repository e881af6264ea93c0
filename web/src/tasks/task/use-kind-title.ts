import { useQuery } from '@tanstack/react-query'
import { taskTypesQuery } from '../../api/tasks.ts'

/** What a kind of task is called; its own name until that is known. */
export function useKindTitle(name: string | undefined): string {
  const { data } = useQuery(taskTypesQuery())
  return data?.find((type) => type.Name === name)?.Title ?? name ?? ''
}
