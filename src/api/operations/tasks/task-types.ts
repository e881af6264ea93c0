import { operation } from '../../operation.ts'

/** `GET /api/tasks/tasktypes`. */
export const getTaskTypes = operation({
  method: 'GET',
  path: '/tasks/tasktypes',
  scope: 'mixed',
  permission: 'TaskView',
  summary: 'The kinds of tasks that this node knows',
  answers: { 200: 'An array of `{ Id, Name, Title, CanBeCreated, Links }`.' },
  handle: async ({ context }) =>
    context.kinds.all().map(({ name, title, createPermission }) => ({
      Id: name,
      Name: name,
      Title: title,
      CanBeCreated: createPermission !== undefined,
      Links: { Tasks: `/api/tasks?name=${name}` },
    })),
})
