// What Gatelet is on Azure: one storage account and one vault for what it keeps, four apps with an identity
// each, and Front Door before them. docs/guides/deploy-azure.md says how to deploy it.

targetScope = 'resourceGroup'

@description('What every name begins with: lower-case letters and digits.')
@minLength(3)
@maxLength(8)
param name string = 'gatelet'

@description('The host name that browsers see, such as gate.example.com. The only origin of this deployment.')
param hostName string

@description('A region that has the Flex Consumption plan.')
param location string = resourceGroup().location

@description('How much the functions log, such as info or gatelet_core=debug,info.')
param logLevel string = 'info'

@description('How many days log lines are kept.')
param logDays int = 30

@description('How many instances of the apps auth and api are kept warm. None costs nothing and starts in seconds.')
param warmInstances int = 1

@description('The client id of the app registration that stands for the runner: docs/guides/deploy-azure.md makes it.')
param runnerApplication string

// Names that are unique in the world, and the same at every deployment.
var suffix = take(uniqueString(resourceGroup().id), 8)
var storageName = '${name}data${suffix}'
var vaultName = '${name}-${suffix}'

resource authIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-auth'
  location: location
}

resource apiIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-api'
  location: location
}

resource workIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-work'
  location: location
}

module logs 'modules/logs.bicep' = {
  name: 'logs'
  params: {
    name: name
    location: location
    days: logDays
    writers: [
      authIdentity.properties.principalId
      apiIdentity.properties.principalId
      workIdentity.properties.principalId
    ]
  }
}

module data 'modules/data.bicep' = {
  name: 'data'
  params: {
    name: storageName
    location: location
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  params: {
    name: vaultName
    location: location
  }
}

module rights 'modules/rights.bicep' = {
  name: 'rights'
  params: {
    storageName: data.outputs.name
    vaultName: vault.outputs.name
    authPrincipal: authIdentity.properties.principalId
    apiPrincipal: apiIdentity.properties.principalId
    workPrincipal: workIdentity.properties.principalId
  }
}

module frontDoor 'modules/front-door.bicep' = {
  name: 'front-door'
  params: {
    name: name
  }
}

var settings = {
  GATELET_BASE_URL: 'https://${hostName}'
  GATELET_TABLES_URL: data.outputs.tables
  GATELET_QUEUES_URL: data.outputs.queues
  GATELET_BLOBS_URL: data.outputs.blobs
  GATELET_VAULT_URL: vault.outputs.url
  GATELET_REGISTRY: data.outputs.registry
  GATELET_LOG: logLevel
  APPLICATIONINSIGHTS_CONNECTION_STRING: logs.outputs.connection
}

module auth 'modules/app.bicep' = {
  name: 'auth'
  params: {
    name: '${name}-auth-${suffix}'
    hostStorageName: '${name}auth${suffix}'
    location: location
    identityName: authIdentity.name
    frontDoorId: frontDoor.outputs.id
    warmInstances: warmInstances
    settings: union(settings, {
      GATELET_APP: 'auth'
      GATELET_IDENTITY: authIdentity.properties.clientId
      GATELET_FRONT_DOOR_ID: frontDoor.outputs.id
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${authIdentity.properties.clientId};Authorization=AAD'
    })
  }
  dependsOn: [
    rights
  ]
}

module api 'modules/app.bicep' = {
  name: 'api'
  params: {
    name: '${name}-api-${suffix}'
    hostStorageName: '${name}api${suffix}'
    location: location
    identityName: apiIdentity.name
    frontDoorId: frontDoor.outputs.id
    warmInstances: warmInstances
    settings: union(settings, {
      GATELET_APP: 'api'
      GATELET_IDENTITY: apiIdentity.properties.clientId
      GATELET_FRONT_DOOR_ID: frontDoor.outputs.id
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${apiIdentity.properties.clientId};Authorization=AAD'
    })
  }
  dependsOn: [
    rights
  ]
}

module runner 'modules/runner.bicep' = {
  name: 'runner'
  params: {
    name: '${name}-run-${suffix}'
    hostStorageName: '${name}run${suffix}'
    location: location
    application: runnerApplication
    callerClient: workIdentity.properties.clientId
    callerPrincipal: workIdentity.properties.principalId
  }
}

module work 'modules/app.bicep' = {
  name: 'work'
  params: {
    name: '${name}-work-${suffix}'
    hostStorageName: '${name}work${suffix}'
    location: location
    identityName: workIdentity.name
    frontDoorId: ''
    warmInstances: 0
    settings: union(settings, {
      GATELET_APP: 'work'
      GATELET_IDENTITY: workIdentity.properties.clientId
      GATELET_RUNNER: 'https://${runner.outputs.hostName}/run'
      GATELET_RUNNER_SCOPE: 'api://${runnerApplication}/.default'
      GateletQueues__queueServiceUri: data.outputs.queues
      GateletQueues__credential: 'managedidentity'
      GateletQueues__clientId: workIdentity.properties.clientId
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${workIdentity.properties.clientId};Authorization=AAD'
    })
  }
  dependsOn: [
    rights
  ]
}

module paths 'modules/front-door-paths.bicep' = {
  name: 'front-door-paths'
  params: {
    profileName: frontDoor.outputs.name
    hostName: hostName
    authHost: auth.outputs.hostName
    apiHost: api.outputs.hostName
  }
}

@description('The app for `az functionapp deployment` with auth.zip.')
output authApp string = auth.outputs.name

@description('The app for `az functionapp deployment` with api.zip.')
output apiApp string = api.outputs.name

@description('The app for `az functionapp deployment` with work.zip.')
output workApp string = work.outputs.name

@description('The app for `az functionapp deployment` with runner.zip.')
output runnerApp string = runner.outputs.name

@description('Where a CNAME record of the host name must point.')
output endpointHostName string = paths.outputs.endpointHostName

@description('What a TXT record named _dnsauth.<host name> must say before Front Door makes a certificate.')
output domainProof string = paths.outputs.domainProof

@description('The storage account whose container `registry` takes registry.toml.')
output dataAccount string = data.outputs.name

@description('The vault that takes the secrets of identity providers.')
output vault string = vault.outputs.name
