// Asks @cloud-copilot/iam-simulate the same requests: one JSON line in, one decision out. Usage: node peer.mjs FILE REPEAT
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(process.cwd() + '/')
const { runSimulation, anonymousPrincipal } = await import(pathToFileURL(require.resolve('@cloud-copilot/iam-simulate')))
const names = { Allowed: 'allowed', ExplicitlyDenied: 'explicit_deny', ImplicitlyDenied: 'implicit_deny' }
const listed = (documents) => (documents ?? []).map((policy, place) => ({ name: `p${place}`, policy }))
const levels = (told) => (told ?? []).map((level, place) => ({ orgIdentifier: `ou-${place}`, policies: listed(level) }))

function simulation(line) {
  const { policies, context } = line
  const account = line.resource_account ?? line.resource.split(':')[4] ?? ''
  const own = line.principal_arn.split(':')[4] ?? ''
  return {
    request: {
      principal: line.principal_arn === '*' ? anonymousPrincipal : line.principal_arn,
      action: line.action,
      resource: { resource: line.resource, accountId: account || own },
      contextVariables: Object.fromEntries(Object.entries(context ?? {}).filter(([, value]) => value !== null)),
    },
    identityPolicies: listed(policies.identity),
    serviceControlPolicies: levels(policies.scp),
    resourceControlPolicies: levels(policies.rcp),
    ...(policies.resource ? { resourcePolicy: policies.resource } : {}),
    ...(policies.boundary ? { permissionBoundaryPolicies: listed(policies.boundary) } : {}),
    ...(policies.session ? { sessionPolicy: policies.session[0] } : {}),
  }
}

const lines = readFileSync(process.argv[2], 'utf8').trim().split('\n').map((line) => JSON.parse(line))
const repeat = Number(process.argv[3] ?? 1)
const begun = process.cpuUsage()
const answers = []
for (let round = 0; round < repeat; round += 1) {
  for (const line of lines) {
    let answer = 'error'
    try {
      const found = await runSimulation(simulation(line), {})
      answer = names[found.overallResult] ?? 'error: ' + (found.errors?.message ?? '')
    } catch (error) {
      answer = 'error: ' + error.message
    }
    if (round === 0) answers.push(answer)
  }
}
const used = process.cpuUsage(begun)
console.log(JSON.stringify({ seconds: (used.user + used.system) / 1e6, decisions: lines.length * repeat, answers }))
