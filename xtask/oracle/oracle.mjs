// Answers the lines of `dodai policy decide` with somebody else's policy engine, so that the answers can be compared:
// one JSON case a line on standard input, one `{"id", "decision"}` or `{"id", "error"}` a line on standard output.
//
//     node oracle.mjs <directory that holds node_modules>
//
// It drives the engine below the package's entry points: `runSimulation` drops the context keys that it does not expect
// for an action, and `runUnsafeSimulation` takes no resource, session or endpoint policies.

import { createInterface } from 'node:readline'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const modules = resolve(process.argv[2] ?? '.', 'node_modules', '@cloud-copilot')
const load = (name) => import(pathToFileURL(join(modules, name)).href)
const { authorize } = await load('iam-simulate/dist/esm/core_engine/CoreSimulatorEngine.js')
const { AwsRequestImpl } = await load('iam-simulate/dist/esm/request/request.js')
const { RequestContextImpl } = await load('iam-simulate/dist/esm/requestContext.js')
const { DiscoveryContextKeyConstraints } = await load(
  'iam-simulate/dist/esm/context_keys/discoveryContextKeyConstraints.js'
)
const { anonymousPrincipal, isWildcardOnlyAction } = await load('iam-simulate/dist/esm/index.js')
const { loadPolicy } = await load('iam-policy/dist/esm/index.js')

const DECISIONS = { Allowed: 'allow', ExplicitlyDenied: 'explicit_deny', ImplicitlyDenied: 'implicit_deny' }
const WEIGHT = { explicit_deny: 2, implicit_deny: 1, allow: 0 }

const wildcardOnly = new Map()

/** Whether an action works on no particular resource. */
async function actsOnNothing(action) {
  if (!wildcardOnly.has(action)) {
    const [service, name] = action.split(':')
    wildcardOnly.set(action, await isWildcardOnlyAction(service, name).catch(() => false))
  }
  return wildcardOnly.get(action)
}

const named = (documents, prefix) =>
  (documents ?? []).map((document, at) => loadPolicy(document, { name: `${prefix}${at}` }))

const levels = (chain, prefix) =>
  (chain ?? []).map((level, at) => ({
    orgIdentifier: `${prefix}${at}`,
    policies: named(level, `${prefix}${at}-`)
  }))

/** Several session policies act as one: what any of them grants, unless one denies it. */
function merged(documents) {
  if (!documents?.length) return undefined
  const statements = documents.flatMap((document) => document.Statement)
  return loadPolicy({ Version: documents[0].Version, Statement: statements }, { name: 'session' })
}

const accountOf = (arn) => arn.split(':')[4] || undefined

/** Authorizes one of the case's resources. */
async function decideOne(given, resource) {
  const { request } = given
  const principal = request.principal === '*' ? anonymousPrincipal : request.principal
  const principalAccount = accountOf(request.principal)
  const resourceAccount = request.resourceAccount ?? accountOf(resource) ?? principalAccount
  const context = Object.fromEntries(Object.entries(request.context ?? {}).filter(([, value]) => value !== null))
  const management = given.managementAccount
  const analysis = authorize({
    request: new AwsRequestImpl(
      principal,
      { resource, accountId: resourceAccount },
      request.action,
      new RequestContextImpl(context),
      await actsOnNothing(request.action)
    ),
    identityPolicies: named(given.identity, 'identity'),
    // The engine knows no management account: its principals have no service control policies above them, its
    // resources no resource control policies.
    serviceControlPolicies: management && management === principalAccount ? [] : levels(given.scps, 'scp'),
    resourceControlPolicies: management && management === resourceAccount ? [] : levels(given.rcps, 'rcp'),
    resourcePolicy: given.resourcePolicy && loadPolicy(given.resourcePolicy, { name: 'resource' }),
    permissionBoundaries: given.boundary && named([given.boundary], 'boundary'),
    vpcEndpointPolicies: given.endpoint && named([given.endpoint], 'endpoint'),
    sessionPolicy: merged(given.session),
    simulationParameters: {
      simulationMode: 'Strict',
      discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([])
    }
  })
  return DECISIONS[analysis.result]
}

/** A request must be allowed for each of its resources. */
async function decide(given) {
  const resources = given.request.resources ?? [given.request.resource ?? '*']
  let worst = 'allow'
  for (const resource of resources) {
    const decision = await decideOne(given, resource)
    if (WEIGHT[decision] > WEIGHT[worst]) worst = decision
  }
  return worst
}

for await (const line of createInterface({ input: process.stdin })) {
  const given = JSON.parse(line)
  let answer
  try {
    answer = { id: given.id, decision: await decide(given) }
  } catch (error) {
    answer = { id: given.id, error: String(error?.message ?? error) }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}
