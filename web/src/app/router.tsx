import { createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router'
import { readAuditSearch } from '../audit/audit-search.ts'
import { readJobsSearch } from '../jobs/jobs-search.ts'
import { readNodePageSearch } from '../nodes/node-page-search.ts'
import { readNodesSearch } from '../nodes/nodes-search.ts'
import { Loading } from '../parts/load-states.tsx'
import { parseSearch, stringifySearch } from '../parts/search-params.ts'
import { readProfileSearch } from '../profile/profile-search.ts'
import { readNewTaskSearch } from '../tasks/new-task-search.ts'
import { readTaskPageSearch } from '../tasks/task-page-search.ts'
import { readTasksSearch } from '../tasks/tasks-search.ts'
import { ErrorPage, NotFoundPage } from './error-page.tsx'
import { lazyPage } from './load-page.ts'
import { Shell } from './shell.tsx'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage, errorComponent: ErrorPage })

const routes = [
  createRoute({
    getParentRoute: () => root,
    path: '/',
    beforeLoad: () => {
      throw redirect({ to: '/nodes', replace: true })
    },
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/nodes',
    validateSearch: readNodesSearch,
    component: lazyPage(() => import('../nodes/nodes-page.tsx'), 'NodesPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/nodes/$id',
    validateSearch: readNodePageSearch,
    component: lazyPage(() => import('../nodes/node-page.tsx'), 'NodePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/tasks',
    validateSearch: readTasksSearch,
    component: lazyPage(() => import('../tasks/tasks-page.tsx'), 'TasksPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/tasks/new',
    validateSearch: readNewTaskSearch,
    component: lazyPage(() => import('../tasks/new-task-page.tsx'), 'NewTaskPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/tasks/$id',
    validateSearch: readTaskPageSearch,
    component: lazyPage(() => import('../tasks/task-page.tsx'), 'TaskPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/jobs',
    validateSearch: readJobsSearch,
    component: lazyPage(() => import('../jobs/jobs-page.tsx'), 'JobsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/audit',
    validateSearch: readAuditSearch,
    component: lazyPage(() => import('../audit/audit-page.tsx'), 'AuditPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/profile',
    validateSearch: readProfileSearch,
    component: lazyPage(() => import('../profile/profile-page.tsx'), 'ProfilePage'),
  }),
] as const

/** Every page of the console. Each is loaded when it is first opened, or a moment before. */
export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: '/app',
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  defaultPendingMs: 300,
  defaultErrorComponent: ErrorPage,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
