// Who may do what with what is kept. docs/reference/permissions.md shows it as a table.

param storageName string
param vaultName string
param authPrincipal string
param apiPrincipal string
param workPrincipal string

// Azure's built-in roles.
var tableContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var tableReader = '76199698-9eea-4c19-bc75-cec21354c6b6'
var queueContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var queueSender = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
var blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var blobReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
var blobDelegator = 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a'
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2024-01-01' existing = {
  parent: account
  name: 'default'
}

resource identityTable 'Microsoft.Storage/storageAccounts/tableServices/tables@2024-01-01' existing = {
  parent: tableService
  name: 'gateletidentity'
}

resource runsTable 'Microsoft.Storage/storageAccounts/tableServices/tables@2024-01-01' existing = {
  parent: tableService
  name: 'gateletruns'
}

resource auditTable 'Microsoft.Storage/storageAccounts/tableServices/tables@2024-01-01' existing = {
  parent: tableService
  name: 'gateletaudit'
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2024-01-01' existing = {
  parent: account
  name: 'default'
}

resource runs 'Microsoft.Storage/storageAccounts/queueServices/queues@2024-01-01' existing = {
  parent: queueService
  name: 'runs'
}

resource poison 'Microsoft.Storage/storageAccounts/queueServices/queues@2024-01-01' existing = {
  parent: queueService
  name: 'runs-poison'
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' existing = {
  parent: account
  name: 'default'
}

resource files 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' existing = {
  parent: blobService
  name: 'files'
}

resource registry 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' existing = {
  parent: blobService
  name: 'registry'
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

// The auth app.

resource authIdentity 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(identityTable.id, authPrincipal, tableContributor)
  scope: identityTable
  properties: {
    principalId: authPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableContributor)
  }
}

// More than it needs: no built-in role adds rows without changing those that are there.
resource authAudit 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(auditTable.id, authPrincipal, tableContributor)
  scope: auditTable
  properties: {
    principalId: authPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableContributor)
  }
}

// More than its functions need one by one: names of keys are drawn and providers come and go, and a role on a
// vault knows no prefix.
resource authSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, authPrincipal, secretsUser)
  scope: vault
  properties: {
    principalId: authPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

resource authRegistry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, authPrincipal, blobReader)
  scope: registry
  properties: {
    principalId: authPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobReader)
  }
}

// The api app. It reads sessions and keys, keeps runs and their files, tells the worker, and has no right to the vault.

resource apiIdentity 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(identityTable.id, apiPrincipal, tableReader)
  scope: identityTable
  properties: {
    principalId: apiPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableReader)
  }
}

// More than it needs, as above.
resource apiAudit 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(auditTable.id, apiPrincipal, tableContributor)
  scope: auditTable
  properties: {
    principalId: apiPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableContributor)
  }
}

resource apiRegistry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, apiPrincipal, blobReader)
  scope: registry
  properties: {
    principalId: apiPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobReader)
  }
}

resource apiRuns 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(runsTable.id, apiPrincipal, tableContributor)
  scope: runsTable
  properties: {
    principalId: apiPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableContributor)
  }
}

resource apiQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(runs.id, apiPrincipal, queueSender)
  scope: runs
  properties: {
    principalId: apiPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueSender)
  }
}

resource apiFiles 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(files.id, apiPrincipal, blobContributor)
  scope: files
  properties: {
    principalId: apiPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobContributor)
  }
}

// Addresses for uploads are signed with a key that is asked of the whole account. It opens nothing that the identity may
// not open itself.
resource apiAddresses 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, apiPrincipal, blobDelegator)
  scope: account
  properties: {
    principalId: apiPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDelegator)
  }
}

// The work app.

resource workIdentity 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(identityTable.id, workPrincipal, tableContributor)
  scope: identityTable
  properties: {
    principalId: workPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableContributor)
  }
}

resource workRuns 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(runsTable.id, workPrincipal, tableContributor)
  scope: runsTable
  properties: {
    principalId: workPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableContributor)
  }
}

resource workAudit 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(auditTable.id, workPrincipal, tableContributor)
  scope: auditTable
  properties: {
    principalId: workPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableContributor)
  }
}

// It receives and sends. The roles made for either may not change a message's time-out, which the host does
// when an invocation fails; without that right a retry waits for ten minutes.
resource workRunsQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(runs.id, workPrincipal, queueContributor)
  scope: runs
  properties: {
    principalId: workPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueContributor)
  }
}

resource workPoisonQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(poison.id, workPrincipal, queueSender)
  scope: poison
  properties: {
    principalId: workPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueSender)
  }
}

// Uploads are read, artifacts and results written, and upkeep deletes old ones. Nobody has a right on the container of
// sealed objects yet.
resource workFiles 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(files.id, workPrincipal, blobContributor)
  scope: files
  properties: {
    principalId: workPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobContributor)
  }
}

// The connections of tenants.
resource workRegistry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, workPrincipal, blobReader)
  scope: registry
  properties: {
    principalId: workPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobReader)
  }
}

resource workSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, workPrincipal, secretsOfficer)
  scope: vault
  properties: {
    principalId: workPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
  }
}
